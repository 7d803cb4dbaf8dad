"""The API reference has every public name, once; and what its pages are made of."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from _site.docstrings import described_arguments, described_attributes, without_attributes
from _site.members import members_of
from _site.public import CALLED_BY_THE_LIBRARY, DOCUMENTED, PublicNames, describing_places
from snmptcp.errors import RequestTimeout
from snmptcp.ipworks import SNMPTCPMgr
from snmptcp.listener import ReceiverStatistics
from snmptcp.manager import Connection, Response
from snmptcp.net.tls import CrlCheck, TlsOptions
from snmptcp.testing import Delay, UserKeys
from tests import test_public_api

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def blocks(kind: str) -> list[str]:
    """Return the lines of all blocks of a kind, on all pages of the reference."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(REFERENCE.glob("*.md")))
    found = re.findall(rf"^```\{{{kind}\}}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [line for block in found for line in block.split()]


@pytest.fixture(scope="module")
def names() -> PublicNames:
    return PublicNames()


def test_every_public_name_is_described_once() -> None:
    described = Counter(blocks("public"))
    assert sorted(set(describing_places().values()) - set(described)) == []
    assert sorted(set(described) - set(describing_places().values())) == []
    assert [name for name, times in described.items() if times > 1] == []


def test_every_public_module_has_a_table_of_its_names() -> None:
    assert sorted(blocks("names")) == sorted(DOCUMENTED)


def test_the_modules_of_the_reference_are_the_public_ones() -> None:
    assert sorted(DOCUMENTED) == sorted((*test_public_api.DOCUMENTED, "snmptcp.ipworks"))
    hidden = {name: members - {"__init__"} for name, members in test_public_api.CALLED_BY_THE_LIBRARY.items()}
    assert hidden == CALLED_BY_THE_LIBRARY


@pytest.mark.parametrize(
    ("target", "module", "owner", "place"),
    [
        ("snmptcp.net.tls.options.TlsOptions", None, None, "snmptcp.TlsOptions"),
        ("snmptcp.net.tls.TlsOptions", None, None, "snmptcp.TlsOptions"),
        ("TlsOptions", None, None, "snmptcp.TlsOptions"),
        ("get", "snmptcp", "Manager", "snmptcp.Manager.get"),
        ("Manager.get", "snmptcp.usm", "UserTable", "snmptcp.Manager.get"),
        ("RequestTimeout.reason", "snmptcp.errors", "SecurityError", "snmptcp.RequestTimeout.reason"),
        ("CrlCheck.LEAF", "snmptcp", "TlsOptions", "snmptcp.net.tls.CrlCheck.LEAF"),
        ("Mib", "snmptcp.testing", "Agent", "snmptcp.testing.Mib"),
        ("Mib", "snmptcp.mib", "Node", "snmptcp.mib.Mib"),
        ("Mib", None, None, None),  # there are two
        ("snmptcp.mib", None, None, "snmptcp.mib"),
        ("snmptcp.protocol.session", None, None, None),
        ("MIN_PASSWORD_LENGTH", None, None, "snmptcp.credentials.MIN_PASSWORD_LENGTH"),
        ("type", "snmptcp.testing", "Pdu", "snmptcp.testing.Pdu.type"),
        ("int", "snmptcp", "Manager", None),
    ],
)
def test_a_name_is_found_where_it_is_described(
    names: PublicNames, target: str, module: str | None, owner: str | None, place: str | None
) -> None:
    assert names.find(target, module, owner) == place


@pytest.mark.parametrize("target", ["snmptcp.protocol.session.Session", "snmptcp.net.callbacks", "snmptcp.sync.T"])
def test_what_is_not_public_has_no_link(names: PublicNames, target: str) -> None:
    assert names.find(target, None, None) is None
    assert names.is_internal(target, None, None)


def test_a_name_that_does_not_exist_is_not_taken_for_an_internal_one(names: PublicNames) -> None:
    assert not names.is_internal("snmptcp.Manger", None, None)
    assert not names.is_internal("Manager.got", "snmptcp", "Manager")


# ------------------------------------------------------------------------------------------ classes


def shown(kind: type) -> list[str]:
    return members_of(kind, lambda _: False)


def test_the_members_of_a_class_are_its_methods_its_attributes_and_those_of_bases_that_are_not_public() -> None:
    assert {"addresses", "close"} <= set(shown(Connection))
    assert not set(shown(Connection)) & CALLED_BY_THE_LIBRARY["Connection"]
    assert shown(CrlCheck) == ["LEAF", "CHAIN"]
    assert shown(UserKeys) == ["authenticator", "privacy"]
    assert {"request_id", "varbinds"} <= set(shown(Response))
    assert {"messages", "count"} <= set(shown(ReceiverStatistics))
    assert "count" not in members_of(ReceiverStatistics, lambda kind: kind.__name__ == "SecurityCounters")


def test_an_argument_of_a_class_is_not_told_twice_and_a_method_without_a_docstring_not_at_all() -> None:
    assert "seconds" in described_arguments(Delay)
    assert not {"seconds", "deliver"} & set(members_of(Delay, lambda kind: kind is not Delay))


def test_methods_that_only_get_or_set_a_property_are_left_out() -> None:
    members = shown(SNMPTCPMgr)
    assert {"community", "get_obj_id", "set_obj_id", "walk"} <= set(members)
    assert not {"get_community", "set_community"} & set(members)


def test_what_a_docstring_says_about_attributes_is_taken_out_of_it() -> None:
    described = described_attributes(TlsOptions)
    assert described["ca_file"][1] == "the system's authorities."
    assert "RFC 9525" in " ".join(described["accept_common_name"])
    assert list(described_attributes(RequestTimeout)) == ["timeout", "reason"]
    attributes = ["Attributes:", "    a: one", "        and more.", "    b: two."]
    lines = ["What it is.", "", *attributes, "", "Raises:", "    E: no."]
    assert without_attributes(lines, {"a"}) == [*lines[:2], "Attributes:", "    b: two.", "", "", *lines[7:]]
    assert without_attributes(lines, {"a", "b"}) == [*lines[:2], "", *lines[7:]]
