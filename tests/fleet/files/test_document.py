"""A fleet's file as a whole."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import Community, ConfigurationError, SecurityWarning, UsmUser, cautions
from snmptcp.fleet import Get, Walk
from snmptcp.fleet.files import load
from snmptcp.fleet.files.document import TABLES
from snmptcp.fleet.sinks import SqliteSink
from tests.fleet.files.helpers import PUBLIC, SMALL, loaded, mistakes_in

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """
[fleet]
interval = 30
max_polls = 7
[mib]
standard = false
[credentials.public]
community = "public"
[credentials.ops]
user = "ops"
auth_password = "authentic"
[jobs.uptime]
get = ["1.3.6.1.2.1.1.3.0"]
interval = 5
[jobs.all]
walk = "1.3.6"
[defaults]
credentials = "public"
labels = { site = "Lyon", rack = "1" }
timeout = 3
[[targets]]
host = "10.0.0.1"
labels = { rack = "2" }
[[targets]]
host = "10.0.0.2"
credentials = "ops"
jobs = ["uptime"]
timeout = 1
[[files]]
csv = "d*.csv"
labels = { kind = "edge" }
jobs = "all"
[[sinks]]
type = "sqlite"
path = "snmp.db"
"""


def test_a_file_says_what_is_polled_how_and_where_to(tmp_path: Path) -> None:
    (tmp_path / "d2.csv").write_text("host,rack\n10.0.1.2,9\n")
    (tmp_path / "d1.csv").write_text("host\n10.0.1.1\n")
    file = loaded(tmp_path, WHOLE)
    uptime = Get("1.3.6.1.2.1.1.3.0", name="uptime", interval=5)
    everything = Walk("1.3.6", name="all", interval=30)
    assert file.jobs == {"uptime": uptime, "all": everything}
    assert file.settings == {"max_polls": 7}
    assert file.mib is not None
    assert not file.mib.standard
    assert [each.name for each in file.files] == ["fleet.toml", "d1.csv", "d2.csv"]
    first, second, third, fourth = file.targets
    assert (first.jobs, first.labels) == ((uptime, everything), {"site": "Lyon", "rack": "2"})
    assert (first.credentials, first.options) == (Community("public"), {"timeout": 3.0})
    assert (second.credentials, second.options) == (UsmUser("ops", "SHA-256", "authentic"), {"timeout": 1.0})
    assert second.jobs == (uptime,)
    assert (third.host, third.labels) == ("10.0.1.1", {"site": "Lyon", "rack": "1", "kind": "edge"})
    assert (fourth.labels["rack"], fourth.jobs) == ("9", (everything,))
    (sink,) = file.make_sinks()
    assert isinstance(sink, SqliteSink)


def test_a_file_that_is_read_again_has_equal_targets(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("host\n10.0.1.1\n")
    assert loaded(tmp_path, WHOLE) == loaded(tmp_path, WHOLE)


def test_many_mistakes_are_told_together(tmp_path: Path) -> None:
    text = f"""
{PUBLIC}
[jobs.uptime]
get = "1.3.6"
interval = -5
[defaults]
credentials = "pubic"
[[targets]]
host = "h.test"
prot = 5
[[targets]]
[[files]]
csv = ["no.csv", "no*.csv"]
[[files]]
jobs = "uptime"
[[sinks]]
type = "sqlit"
[flet]
"""
    assert mistakes_in(tmp_path, text) == [
        "fleet.toml: there is no table [flet]; did you mean 'fleet' or 'files'?",
        "fleet.toml: jobs.uptime.interval: a number of seconds above 0 is right, not -5",
        "fleet.toml: defaults.credentials: there is no table [credentials.pubic]; did you mean 'public'?",
        "fleet.toml: targets[1] (h.test): there is no key 'prot'; did you mean 'port' or 'proxy'?",
        "no.csv: cannot be read: No such file or directory",
        "fleet.toml: files[1].csv: there is no file no*.csv",
        'fleet.toml: files[2]: csv = "devices.csv" is missing',
        "fleet.toml: sinks[1].type: 'sqlit' is no type of sink; did you mean 'sqlite'?",
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[fleet", "fleet.toml: is not TOML: "),
        ("a = 1\na = 2\n", "fleet.toml: is not TOML: Cannot overwrite a value (at line 2, column 6)"),
        (f"a = {'[' * 3000}", "fleet.toml: its arrays or tables are nested too deeply"),
        (f"a = {'9' * 5000}", "fleet.toml: is not TOML: "),
        ("targets = 5", "fleet.toml: targets: an array of tables is right: write [[targets]]"),
        ("targets = [5]", "fleet.toml: targets[1]: a table is right, not an integer"),
        ("jobs = 5", "fleet.toml: jobs: a table is right, not an integer"),
        ("[[fleet]]", "fleet.toml: fleet: a table is right, not an array"),
        (f"{SMALL}[[targets]]", "fleet.toml: targets[1]: a target needs a host"),
        (f"{PUBLIC}[[targets]]\nhost='a'\ncredentials='public'", "targets[1] (a): a target needs jobs"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, mistake: str, tmp_path: Path) -> None:
    (line,) = mistakes_in(tmp_path, text)
    assert mistake in line


def test_all_mistakes_of_a_target_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("host,port,jobs\na,x,y\n")
    target = '[[targets]]\nhost = "b"\ntimeout = "5 s"\ncredentials = "pubic"\njobs = "y"\n'
    files = '[[files]]\ncsv = "d.csv"\ntimeout = 0\ncredentials = "pubic"\n'
    assert [line.partition(": ")[2].partition(": ")[0] for line in mistakes_in(tmp_path, SMALL + target + files)] == [
        "targets[1] (b).timeout",
        "targets[1] (b).credentials",
        "targets[1] (b).jobs",
        "files[1].timeout",
        "files[1].credentials",
        "a port from 1 to 65535 is right, not 'x'",
        "there is no table [jobs.y]; there is uptime",
    ]


def test_a_job_that_is_wrong_is_told_once_and_not_by_each_target(tmp_path: Path) -> None:
    targets = "".join(f"[[targets]]\nhost = '10.0.0.{number}'\n" for number in range(5))
    assert len(mistakes_in(tmp_path, SMALL.replace("get", "gte") + targets)) == 1


def test_a_csv_file_that_two_patterns_match_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("host\na\n")
    (tmp_path / "e[1].csv").write_text("host\nb\n")
    file = loaded(tmp_path, f"{SMALL}[[files]]\ncsv = ['d.csv', '*.csv']\n[[files]]\ncsv = 'e[1].csv'")
    assert [each.host for each in file.targets] == ["a", "b"]


def test_the_folder_of_a_file_may_have_characters_of_patterns(tmp_path: Path) -> None:
    folder = tmp_path / "site [1]*"
    (folder / "deep" / "er").mkdir(parents=True)
    for number, place in enumerate((folder, folder / "deep" / "er")):
        (place / "d.csv").write_text(f"host\nh{number}\n")
    file = loaded(folder, f"{SMALL}[[files]]\ncsv = '**/*.csv'")
    assert [each.host for each in file.targets] == ["h0", "h1"]
    absolute = loaded(tmp_path, f"{SMALL}[[files]]\ncsv = '{tmp_path}/site*/d.csv'")
    assert [each.host for each in absolute.targets] == ["h0"]


def test_a_file_that_cannot_be_read_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file or directory"):
        load(tmp_path / "no.toml")
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "warns"),
    [
        (SMALL, False),
        (SMALL.replace('"public"\n[jobs', '"hidden"\n[jobs'), True),
        (f'{SMALL}[credentials.ops]\nuser = "ops"\nauth_password = "authentic"', True),
        (f'{SMALL}[credentials.ops]\nuser = "ops"\nauth_password_env = "PATH"', False),
        (f'{SMALL}[[targets]]\nhost = "a"\nproxy = "http://me:secret@proxy.test"', True),
    ],
)
def test_passwords_in_a_file_that_others_can_read_are_warned_of(
    text: str, warns: bool, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    cautions.forget()
    path = tmp_path / "fleet.toml"
    path.write_text(text)
    path.chmod(0o644)
    load(path)
    told = [str(warning.message) for warning in recwarn if warning.category is SecurityWarning]
    expected = [f"other users can read the passwords in {path} (mode 0644): chmod 600"] if warns else []
    assert told == expected
    cautions.forget()


def test_sinks_that_are_impossible_are_told_together(tmp_path: Path) -> None:
    sink = '[[sinks]]\ntype = "sqlite"\npath = "x"\ntimeout = "y"\n'
    file = loaded(tmp_path, SMALL + sink + sink)
    with pytest.raises(ConfigurationError) as caught:
        file.make_sinks()
    assert [line.split(": ")[1] for line in str(caught.value).splitlines()] == ["sinks[1]", "sinks[2]"]


_WORDS = st.sampled_from(
    [
        *(*TABLES, "host", "port", "credentials", "jobs", "labels", "tls", "get", "walk", "table", "columns", "ca"),
        *("community", "user", "auth", "auth_password", "csv", "type", "path", "name", "back_off", "interval", "x"),
    ]
)
_KEYS = _WORDS | st.text(st.sampled_from("ab.\0é "), max_size=3)


def _toml(value: object) -> str:
    """Return a value as inline TOML."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_quoted(key)} = {_toml(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    return '"' + "".join(f"\\u{ord(character):04x}" for character in text) + '"'


_VALUES = st.recursive(
    st.booleans() | st.integers(-5, 70_000) | st.sampled_from([0.5, float("nan"), float("inf")]) | _KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(document=st.dictionaries(_KEYS, st.dictionaries(_KEYS, _VALUES, max_size=3) | _VALUES, max_size=6))
def test_no_document_raises_anything_but_a_configuration_error(
    document: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "\n".join(f"{_quoted(key)} = {_toml(value)}" for key, value in document.items())
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8")
    with contextlib.suppress(ConfigurationError):
        load(path)


@given(start=st.integers(0, len(WHOLE)), length=st.integers(0, 60), octets=st.binary(max_size=8))
def test_no_damage_raises_anything_but_a_configuration_error(
    start: int, length: int, octets: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = WHOLE.encode()
    path = tmp_path_factory.getbasetemp() / "damaged.toml"
    path.write_bytes(whole[:start] + octets + whole[start + length :])
    path.chmod(0o600)
    with contextlib.suppress(ConfigurationError):
        load(path)
