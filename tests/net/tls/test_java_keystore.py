"""Key stores of Java's keytool: both formats, wrong passwords, and damage."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.net.tls.java_keystore import read_java_keystore
from snmptcp.net.tls.stores import StoreType, open_store, subject_text
from tests.support.stores import proves_good_for_tls, subjects

#: See tests/vectors/jks/README.md.
KEYTOOL = {
    name: base64.b64decode(text)
    for name, text in json.loads((Path(__file__).parents[2] / "vectors/jks/keytool.json").read_text()).items()
    if name != "comment"
}


@pytest.mark.parametrize("kind", [StoreType.JKS_BLOB, StoreType.AUTO])
@pytest.mark.parametrize("name", ["store.jks", "store.p12"])
def test_a_key_store_of_keytool_is_read_in_either_of_its_formats(kind: StoreType, name: str, tmp_path: Path) -> None:
    store = open_store(kind, KEYTOOL[name], "changeit")
    entry = store.find("CN=agent.test, OU=lab, O=snmptcp, C=DE")

    assert subjects(store) == {"CN=agent.test, OU=lab, O=snmptcp, C=DE", "CN=snmptcp test authority, O=snmptcp"}
    assert entry is not None
    assert entry.alias == "agent"
    assert [subject_text(issuer.subject) for issuer in entry.chain] == ["CN=snmptcp test authority, O=snmptcp"]
    proves_good_for_tls(entry, tmp_path)


def test_a_key_store_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    path.write_bytes(KEYTOOL["store.jks"])

    assert len(open_store(StoreType.JKS_FILE, path, "changeit")) == 2


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [
        ("store.jks", "other than that", "password of the JKS key store is wrong"),
        ("store.jks", "", "password of the JKS key store is wrong"),
        ("other_password.jks", "changeit", "the key 'agent' has another password than its JKS key store"),
        ("store.p12", "other than that", "the password is wrong"),
        ("store.jceks", "changeit", "JCEKS"),
    ],
)
def test_a_key_store_that_cannot_be_opened_tells_why(name: str, password: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as caught:
        open_store(StoreType.JKS_BLOB, KEYTOOL[name], password)

    assert not password or password not in str(caught.value)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_key_store_is_refused_and_nothing_else_happens(data: st.DataObject) -> None:
    """Damage that the digest would tell is made unnoticeable, as a broken writer would."""
    body = bytearray(KEYTOOL["store.jks"][:-20])
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(4, len(body) - 1))] = data.draw(st.integers(0, 255))
    body = body[: data.draw(st.integers(4, len(body)))]
    digest = hashlib.sha1("changeit".encode("utf-16-be") + b"Mighty Aphrodite" + body).digest()

    entries = []
    with contextlib.suppress(ConfigurationError):
        entries = read_java_keystore(bytes(body) + digest, "changeit")
    event(f"{len(entries)} entries were read")
    assert len(entries) <= 2
