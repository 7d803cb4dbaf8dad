"""What a generator.yml asks for, and what it cannot ask for."""

from __future__ import annotations

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.exporter.document import parse
from snmptcp.exporter.generator.orders import LookupOrder, ModuleOrder, Override, StaticFilter, read_orders

WHOLE = """
version: 2
auths: {p: {community: c}}
modules:
  m:
    walk: [ifTable, 1.3.6.1.2.1.1.3]
    max_repetitions: 10
    retries: 1
    timeout: 3s
    allow_nonincreasing_oids: true
    use_unconnected_udp_socket: false
    lookups:
    - {source_indexes: [ifIndex], lookup: "IF-MIB::ifName", drop_source_indexes: true, display_hint: "@mib"}
    overrides:
      ifType: {type: EnumAsInfo}
      ifMtu: {ignore: true}
      ifSpeed: {name: speed, help: Fast., scale: 0.5, offset: 1, display_hint: 1x, datetime_pattern: "%Y",
                regex_extracts: {"": [{regex: "a(.*)"}], B: [{regex: b, value: "1"}]}}
    filters:
      static: [{targets: [ifDescr], indices: ["2", "3"]}]
      dynamic: [{oid: ifAdminStatus, targets: [ifMtu], values: ["1"]}]
"""


def test_a_generator_yml_is_read_with_all_its_fields() -> None:
    auths, orders = read_orders(parse(WHOLE, "g"), "g")
    assert auths == {"p": {"community": "c"}}
    assert orders == {
        "m": ModuleOrder(
            walk=("ifTable", "1.3.6.1.2.1.1.3"),
            lookups=(LookupOrder(("ifIndex",), "IF-MIB::ifName", drop_source_indexes=True, display_hint="@mib"),),
            overrides={
                "ifType": Override(type="EnumAsInfo"),
                "ifMtu": Override(ignore=True),
                "ifSpeed": Override(
                    fields={
                        "name": "speed",
                        "help": "Fast.",
                        "datetime_pattern": "%Y",
                        "display_hint": "1x",
                        "offset": 1.0,
                        "scale": 0.5,
                        "regex_extracts": {
                            "": [{"value": "$1", "regex": "a(.*)"}],
                            "B": [{"value": "1", "regex": "b"}],
                        },
                    }
                ),
            },
            static_filters=(StaticFilter(("ifDescr",), ("2", "3")),),
            dynamic_filters=({"oid": "ifAdminStatus", "targets": ["ifMtu"], "values": ["1"]},),
            parameters={"max_repetitions": 10, "retries": 1, "timeout": "3s", "allow_nonincreasing_oids": True},
        )
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "g: modules: there is no module to generate"),
        ("modules: {m: {}}", "g: modules.m.walk: there is nothing to walk"),
        ("modules: {m: {walk: [a], version: 2}}", "modules.m.version: this form is older"),
        ("modules: {m: {walk: [a], auth: {}}}", "modules.m.auth: this form is older"),
        ("modules: {m: {walk: [a], lookup: []}}", "the field 'lookup' is unknown here; did you mean lookups"),
        ("modules: {m: {walk: [a], lookups: [{lookup: a}]}}", r"lookups\[0\].source_indexes: there are none"),
        ("modules: {m: {walk: [a], lookups: [{source_indexes: [a]}]}}", r"lookups\[0\].lookup: must be text"),
        ("modules: {m: {walk: [a], overrides: {b: {type: gage}}}}", "overrides.b.type: must be one of"),
        ("modules: {m: {walk: [a], overrides: {b: {name: 'x y'}}}}", "overrides.b.name: 'x y' is no name"),
        ("modules: {m: {walk: [a], overrides: {b: {regex_extracts: {C: [{regex: '('}]}}}}}", r"C\[0\].regex: "),
        ("modules: {m: {walk: [a], filters: {dynamic: [{oid: a, values: ['(']}]}}}", r"dynamic\[0\].values: "),
        ("modules: {m: {walk: [a], filters: {statik: []}}}", "the field 'statik' is unknown here; did you mean static"),
        ("modules: {m: {walk: [a], timeout: 5}}", "timeout: must be a time above 0 with its unit"),
        ("modules: {m: {walk: [a], max_repetitions: x}}", "max_repetitions: must be a whole number"),
    ],
)
def test_what_is_wrong_is_an_error_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_orders(parse(text, "g"), "g")
