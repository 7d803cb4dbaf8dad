"""Entries of an snmp.yml as typed data, and every way in which they can be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.exporter.config import Filter, Index, Lookup, RegexExtract
from snmptcp.exporter.document import parse
from snmptcp.exporter.fields import Section
from snmptcp.exporter.patterns import Pattern
from snmptcp.exporter.reading import Reader, shown_document

if TYPE_CHECKING:
    from snmptcp.exporter.config import Auth, Module


def module(text: str) -> Module:
    return Reader().module("m", Section(parse(text, "f"), "f", "modules.m"))


def auth(text: str) -> Auth:
    return Reader().auth(Section(parse(text, "f"), "f", "auths.a"))


def test_a_module_is_read_with_all_its_fields() -> None:
    found = module(
        """
walk: [1.3.6.1.2.1.2]
get: [1.3.6.1.2.1.1.3.0]
max_repetitions: 10
retries: 0
timeout: 2s
allow_nonincreasing_oids: true
use_unconnected_udp_socket: true
filters:
- {oid: 1.3.6.1.2.1.2.2.1.7, targets: [1.3.6.1.2.1.2.2.1.4], values: ["1", "^2"]}
metrics:
- name: a
  oid: 1.3.6
  type: DisplayString
  help: Help.
  indexes:
  - {labelname: i, type: InetAddress, fixed_size: 4, implied: true, enum_values: {1: one}}
  lookups:
  - {labels: [i], labelname: l, oid: 1.3.7, type: EnumAsInfo, enum_values: {1: one}, display_hint: "1x:"}
  - {labels: [], labelname: i}
  regex_extracts:
    Temp: [{regex: "(.*)C"}, {regex: ".*", value: "0"}]
  enum_values: {0: off}
  datetime_pattern: "%Y"
  scale: 0.1
  offset: -3
  display_hint: "255a"
"""
    )
    assert (found.name, found.walk, found.get) == ("m", ((1, 3, 6, 1, 2, 1, 2),), ((1, 3, 6, 1, 2, 1, 1, 3, 0),))
    assert (found.max_repetitions, found.retries, found.timeout) == (10, 0, 2.0)
    assert found.allow_nonincreasing_oids
    column = (1, 3, 6, 1, 2, 1, 2, 2, 1)
    assert found.filters == (Filter((*column, 7), ((*column, 4),), (Pattern("1"), Pattern("^2"))),)
    (metric,) = found.metrics
    assert (metric.name, metric.oid, metric.type, metric.help) == ("a", (1, 3, 6), "DisplayString", "Help.")
    assert metric.labels.indexes == (Index("i", "InetAddress", 4, implied=True, enum_values={1: "one"}),)
    assert metric.labels.lookups == (
        Lookup(("i",), "l", (1, 3, 7), "EnumAsInfo", {1: "one"}, "1x:"),
        Lookup((), "i"),
    )
    extracts = (RegexExtract(Pattern("(.*)C", whole=True)), RegexExtract(Pattern(".*", whole=True), "0"))
    assert metric.regex_extracts == (("Temp", extracts),)
    assert (metric.enum_values, metric.datetime_pattern) == ({0: "off"}, "%Y")
    assert (metric.scale, metric.offset, metric.display_hint) == (0.1, -3.0, "255a")


def test_a_module_has_the_defaults_of_snmp_exporter() -> None:
    found = module("metrics: []")
    assert (found.max_repetitions, found.retries, found.timeout) == (25, 3, 5.0)
    assert (found.walk, found.get, found.metrics, found.filters) == ((), (), (), ())
    assert not found.allow_nonincreasing_oids


def test_metrics_with_equal_labels_share_them() -> None:
    labels = "indexes: [{labelname: i, type: gauge}]"
    first, second, third = module(
        f"metrics: [{{name: a, oid: 1.1, {labels}}}, {{name: b, oid: 1.2, {labels}}}, {{name: c, oid: 1.3}}]"
    ).metrics
    assert first.labels is second.labels
    assert third.labels is not first.labels


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("walk: 1.3", "modules.m.walk: must be a list"),
        ("walk: [ifTable]", r"modules.m.walk\[0\]: must be an OID in numbers"),
        ("max_repetitions: -1", "max_repetitions: must be a whole number from 0 to"),
        ("timeout: 0s", "timeout: must be a time above 0"),
        ("use_unconnected_udp_socket: 5", "use_unconnected_udp_socket: must be true or false"),
        ("version: 2", "modules.m.version: this form is older than snmp_exporter 0.23"),
        ("auth: {community: a}", "modules.m.auth: this form is older"),
        ("metric: []", "the field 'metric' is unknown here; did you mean metrics"),
        ("metrics: [{oid: 1.3}]", r"metrics\[0\].name: must be text, not nothing"),
        ("metrics: [{name: sys.UpTime, oid: 1.3}]", "name: must be letters, digits, _ and :"),
        ("metrics: [{name: a}]", "oid: must be an OID in numbers"),
        ("metrics: [{name: a, oid: 1.3, type: gage}]", "type: must be one of , gauge, counter"),
        ("metrics: [{name: a, oid: 1.3, scale: x}]", "scale: must be a number"),
        ("metrics: [{name: a, oid: 1.3, type: ParseDateAndTime}]", "datetime_pattern: ParseDateAndTime needs a"),
        ("metrics: [{name: a, oid: 1.3, indexes: [{labelname: __name__}]}]", "labelname: must be letters"),
        ("metrics: [{name: a, oid: 1.3, indexes: [{labelname: 'a-b'}]}]", "labelname: must be letters"),
        ("metrics: [{name: a, oid: 1.3, lookups: [{labels: [i], labelname: l}]}]", r"lookups\[0\].oid: must be an OID"),
        ("metrics: [{name: a, oid: 1.3, regex_extracts: {'-x': []}}]", "'a-x' is no name of a metric"),
        ("metrics: [{name: a, oid: 1.3, regex_extracts: {X: [{regex: '('}]}}]", r"X\[0\].regex: .* no regular"),
        ("filters: [{oid: 1.3, values: ['(']}]", r"filters\[0\].values: .* no regular expression"),
        ("filters: {static: []}", "filters: must be a list of mappings"),
    ],
)
def test_what_a_module_cannot_be_is_an_error_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        module(text)


USER = "version: 3, username: u, security_level: authPriv, password: authentic!, auth_protocol: SHA, "


def test_an_auth_is_read() -> None:
    found = auth("{" + USER + "priv_protocol: AES192, priv_password: privately!, context_name: c}")
    assert (found.username, found.priv_protocol, found.context_name) == ("u", "AES192", "c")
    assert auth("{}").community == "public"
    assert auth("{community: 0123}").community == "0123"
    assert auth("{version: 3, security_model: tsm, tls: {ca_file: a, verify: true}}").tls is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{version: 4}", "auths.a.version: must be a whole number from 1 to 3"),
        ("{version: 3}", "auths.a.username: SNMPv3 needs one"),
        ("{version: 3, username: u, security_level: none}", "security_level: must be one of noAuthNoPriv"),
        ("{version: 3, username: u, security_level: authNoPriv}", "password: security_level: authNoPriv needs one"),
        ("{version: 3, username: u, security_level: authNoPriv, password: 3z, auth_protocol: SHA}", "auths.a: "),
        ("{" + USER + "priv_protocol: AES}", "priv_password: security_level: authPriv needs one"),
        ("{" + USER + "priv_protocol: ROT13, priv_password: p}", "priv_protocol: must be one of DES"),
        ("{security_model: tsm}", "version: must be 3 with security_model: tsm"),
        ("{security_model: x}", "security_model: must be one of usm, tsm"),
        ("{comunity: x}", "the field 'comunity' is unknown here; did you mean community"),
        ("{tls: {ca: x}}", "auths.a.tls: the field 'ca' is unknown here"),
    ],
)
def test_what_an_auth_cannot_be_is_an_error_without_secrets(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        auth(text)
    assert "authentic!" not in str(caught.value)
    assert "3z" not in str(caught.value)


def test_a_document_is_shown_without_secrets() -> None:
    document: dict[str, Any] = {
        "auths": {"a": {"community": "c", "password": "", "username": "u", "tls": {"password": "p", "key": "k"}}},
        "modules": {"m": {"walk": ["1.3"]}},
    }
    assert shown_document(document) == {
        "auths": {
            "a": {"community": "<secret>", "password": "", "username": "u", "tls": {"password": "<secret>", "key": "k"}}
        },
        "modules": {"m": {"walk": ["1.3"]}},
    }
