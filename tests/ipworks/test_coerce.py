"""What programs may assign to properties of each type."""

from __future__ import annotations

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from tests.ipworks.proofs import proves
from tests.ipworks.support import (
    put,
)
from tests.support.mibs import SYS_NAME


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("timeout", "10", 10),
        ("timeout", b"10", 10),
        ("remote_port", "0xA1", 161),
        ("store_walk_objects", 0, False),
        ("store_walk_objects", "False", False),
        ("store_walk_objects", "yes", True),
        ("local_engine_id", "MyEngineID", b"MyEngineID"),
        ("community", b"private", "private"),
        ("ssl_cert_store", "server.pfx", b"server.pfx"),
        ("user", None, ""),
    ],
)
def test_setters_convert_what_programs_assign(name, given, read, idle) -> None:
    getattr(idle, f"set_{name}")(given)
    assert getattr(idle, name) == read
    setattr(idle, name, given)
    assert getattr(idle, f"get_{name}")() == read


@proves("CodePage")
def test_text_is_encoded_in_the_code_page(mgr, agent) -> None:
    mgr.community = "private"
    mgr.config("CodePage=1252")
    put(mgr, SYS_NAME, 4, "Zürich €")
    mgr.send_set_request()
    assert agent.call(lambda: bytes(agent.agent.mib[SYS_NAME])) == "Zürich €".encode("cp1252")
    mgr.send_get_request()
    assert mgr.value(SYS_NAME) == "Zürich €"


def test_an_unknown_code_page_and_one_without_the_letters_are_errors(idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="4711") as caught:
        idle.config("CodePage=4711")
    assert caught.value.code == 434
    idle.config("CodePage=20127")
    idle.obj_count = 1
    with pytest.raises(IPWorksSNMPError, match="ascii") as caught:
        idle.set_obj_value(0, "Zürich")
    assert caught.value.code == 434
