"""Files of configurations: several, with wildcards, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.exporter import loading
from snmptcp.exporter.loading import load_config
from tests.support.exporter import write_small

if TYPE_CHECKING:
    from pathlib import Path

AUTHS = "auths: {p: {community: c, username: $WHO}}\n"
MODULES = "modules: {m: {walk: [1.3.6], metrics: [{name: a, oid: 1.3.6, type: gauge}]}}\n"


def test_a_file_is_read(tmp_path: Path) -> None:
    config = load_config([write_small(tmp_path)])
    assert list(config.modules) == ["if_mib", "name"]
    assert list(config.auths) == ["public_v1", "public_v2", "other"]
    assert config.auths["other"].community == "secret-community"
    assert config.document["auths"]["other"] == {"community": "<secret>"}
    assert config.document["modules"]["name"]["get"] == ["1.3.6.1.2.1.1.5.0"]
    assert "secret" not in repr(config)


def test_several_files_are_put_together(tmp_path: Path) -> None:
    (tmp_path / "auths.yml").write_text(AUTHS)
    (tmp_path / "modules.yml").write_text("\ufeff" + MODULES + "version: 2\n", encoding="utf-8")
    for names in ([tmp_path / "auths.yml", tmp_path / "modules.yml"], [f"{tmp_path}/*.yml"]):
        config = load_config(names)
        assert (list(config.auths), list(config.modules)) == (["p"], ["m"])


def test_a_file_that_two_names_mean_is_read_once(tmp_path: Path) -> None:
    path = write_small(tmp_path)
    assert len(load_config([path, f"{tmp_path}/s*.yml"]).modules) == 2


def test_environment_variables_are_read_if_they_should_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_small(tmp_path, AUTHS + MODULES)
    monkeypatch.setenv("WHO", "boss")
    assert load_config([path]).auths["p"].username == "$WHO"
    assert load_config([path], expand_environment=True).auths["p"].username == "boss"
    monkeypatch.delenv("WHO")
    with pytest.raises(ConfigurationError, match=r"snmp\.yml: auths\.p\.username: the environment variable WHO"):
        load_config([path], expand_environment=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no module in .*snmp.yml: the key modules is missing or empty"),
        (AUTHS, "there is no module"),
        (MODULES, "there is no auth"),
        ("- a", "the document must be a mapping, not a list"),
        (AUTHS + "modules: []", "modules: must be a mapping of names, not a list"),
        ("auths: {p: x}\n" + MODULES, "auths.p must be a mapping, not 'x'"),
        (AUTHS + MODULES + "module: 1", "the field 'module' is unknown here; did you mean modules"),
        ("if_mib:\n  walk: [1.3]\n  metrics: []\n", "this form is older than snmp_exporter 0.23"),
        (AUTHS + "modules: {m: {walk: [x]}}", r"modules\.m\.walk\[0\]: must be an OID in numbers"),
        ("a: [", "snmp.yml is no YAML that can be read"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_error_with_its_name(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        load_config([write_small(tmp_path, text)])
    assert "snmp.yml" in str(caught.value)


def test_entries_of_one_name_in_two_files_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(AUTHS + MODULES)
    (tmp_path / "b.yml").write_text(MODULES)
    with pytest.raises(ConfigurationError, match=r"b\.yml: modules\.m: another file has a module of this name"):
        load_config([f"{tmp_path}/?.yml"])
    (tmp_path / "b.yml").write_text(AUTHS)
    with pytest.raises(ConfigurationError, match=r"b\.yml: auths\.p: another file has an auth of this name"):
        load_config([f"{tmp_path}/?.yml"])


def test_files_that_cannot_be_read_are_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ConfigurationError,
        match=r"there is no file .*none\.yml: name one with --config\.file; snmptcp exporter generate makes one$",
    ):
        load_config([tmp_path / "none.yml"])
    with pytest.raises(ConfigurationError, match=r"no file has a name like .*\*\.yml"):
        load_config([f"{tmp_path}/*.yml"])
    with pytest.raises(ConfigurationError, match="no file with a configuration is given"):
        load_config([])
    (tmp_path / "odd.yml").write_bytes(b"a: \xff")
    with pytest.raises(ConfigurationError, match=r"odd\.yml is no UTF-8: octet 3 is 0xff"):
        load_config([tmp_path / "odd.yml"])
    monkeypatch.setattr(loading, "MAX_LENGTH", 3)
    with pytest.raises(ConfigurationError, match="has more than 3 octets"):
        load_config([tmp_path / "odd.yml"])
