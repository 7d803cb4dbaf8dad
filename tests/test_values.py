"""The SMI types: ranges, arithmetic, text, pickling."""

from __future__ import annotations

import copy
import datetime as dt
import enum
import ipaddress
import math
import pickle
import struct

import pytest

from snmptcp.codec.pdu import encode_varbind
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    NsapAddress,
    Null,
    ObjectIdentifier,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
    Unsigned32,
    VarBind,
    VarBinds,
    to_value,
)

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)

NUMBERS = [
    (Integer32, 0x02, "INTEGER", -(2**31), 2**31 - 1),
    (Counter32, 0x41, "Counter32", 0, 2**32 - 1),
    (Gauge32, 0x42, "Gauge32", 0, 2**32 - 1),
    (TimeTicks, 0x43, "Timeticks", 0, 2**32 - 1),
    (UInteger32, 0x47, "UInteger32", 0, 2**32 - 1),
    (Counter64, 0x46, "Counter64", 0, 2**64 - 1),
]
NUMBER_TYPES = [row[0] for row in NUMBERS]
STRINGS = [
    (OctetString, 0x04, "STRING"),
    (Opaque, 0x44, "Opaque"),
    (NsapAddress, 0x45, "NsapAddress"),
]
STRING_TYPES = [row[0] for row in STRINGS]
SINGLETONS = [
    (Null, 0x05, "NULL"),
    (NoSuchObject, 0x80, "noSuchObject"),
    (NoSuchInstance, 0x81, "noSuchInstance"),
    (EndOfMibView, 0x82, "endOfMibView"),
]
ONE_OF_EACH = [
    Integer32(-5),
    Counter32(5),
    Gauge32(5),
    TimeTicks(5),
    UInteger32(5),
    Counter64(2**64 - 1),
    OctetString(b"\xff\0x"),
    Opaque(b"\x9f\x78\x04\x41\x20\0\0"),
    NsapAddress(b"\x47\0"),
    IpAddress("192.0.2.1"),
    OID("1.3.6.1"),
    Null(),
    NoSuchObject(),
    NoSuchInstance(),
    EndOfMibView(),
]


def type_name(value: object) -> str:
    return value.__name__ if isinstance(value, type) else type(value).__name__


# ------------------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize(("kind", "tag", "name", "minimum", "maximum"), NUMBERS, ids=type_name)
def test_a_number_has_the_tag_the_name_and_the_range_of_the_smi(kind, tag, name, minimum, maximum):
    assert (kind.tag, kind.name) == (tag, name)
    assert kind(minimum) == minimum
    assert kind(maximum) == maximum
    assert kind() == 0
    for outside in (minimum - 1, maximum + 1, 10**30, -(10**30)):
        with pytest.raises(ConfigurationError, match=f"{kind.__name__} is a number from {minimum} to {maximum}"):
            kind(outside)


@pytest.mark.parametrize("kind", NUMBER_TYPES, ids=type_name)
@pytest.mark.parametrize("value", [1.0, "1", b"1", None, [1]], ids=repr)
def test_a_number_is_made_of_whole_numbers_only(kind, value):
    with pytest.raises(TypeError):
        kind(value)


@pytest.mark.parametrize("kind", NUMBER_TYPES, ids=type_name)
def test_a_number_is_an_int_to_python(kind):
    value = kind(7)
    assert value == 7
    assert hash(value) == hash(7)
    assert {7: "x"}[value] == "x"
    assert value < 8
    assert value + 1 == 8
    assert type(value + 1) is int
    assert [10, 20, 30, 40, 50, 60, 70, 80][value] == 80
    assert isinstance(value, int)
    assert not kind(0)
    assert not hasattr(value, "__dict__")


@pytest.mark.parametrize("kind", NUMBER_TYPES, ids=type_name)
def test_a_number_shows_its_type_in_repr_and_only_itself_in_text(kind):
    value = kind(42)
    assert repr(value) == f"{kind.__name__}(42)"
    assert eval(repr(value)) == value
    assert str(value) == f"{value}" == "42"
    assert f"{value:>6}|{value:05d}|{value:#x}|{value:,}" == "    42|00042|0x2a|42"
    assert "%d %s" % (value, value) == "42 42"  # noqa: UP031 - this is the format that is tested


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("value", ONE_OF_EACH, ids=type_name)
def test_every_value_keeps_its_type_when_pickled_or_copied(value, protocol):
    for back in (pickle.loads(pickle.dumps(value, protocol)), copy.copy(value), copy.deepcopy(value)):
        assert back == value
        assert type(back) is type(value)
        assert repr(back) == repr(value)


def test_unsigned32_is_gauge32():
    assert Unsigned32 is Gauge32


def test_numbers_of_another_type_make_a_number():
    assert repr(Counter64(Counter32(2**32 - 1))) == "Counter64(4294967295)"
    assert repr(Gauge32(True)) == "Gauge32(1)"


def test_time_ticks_are_hundredths_of_a_second():
    uptime = TimeTicks(8_640_050)
    assert uptime.seconds == 86400.5
    assert uptime.timedelta == dt.timedelta(days=1, milliseconds=500)
    assert TimeTicks(1).timedelta == dt.timedelta(milliseconds=10)
    assert TimeTicks(2**32 - 1).timedelta == dt.timedelta(milliseconds=42949672950)


# ------------------------------------------------------------------------------------------ strings


@pytest.mark.parametrize(("kind", "tag", "name"), STRINGS, ids=type_name)
def test_a_string_has_the_tag_and_the_name_of_the_smi_and_65535_octets_at_most(kind, tag, name):
    assert (kind.tag, kind.name) == (tag, name)
    assert len(kind(b"x" * 65535)) == 65535
    assert kind() == b""
    with pytest.raises(ConfigurationError, match=f"{kind.__name__} has at most 65535 octets, not 65536"):
        kind(b"x" * 65536)


def test_the_limit_counts_octets_not_characters():
    assert len(OctetString("ä" * 32767)) == 65534
    with pytest.raises(ConfigurationError, match="not 65536"):
        OctetString("ä" * 32768)


@pytest.mark.parametrize("kind", STRING_TYPES, ids=type_name)
@pytest.mark.parametrize(
    "source", ["grün", "grün".encode(), bytearray("grün".encode()), memoryview("grün".encode())], ids=type_name
)
def test_a_string_is_made_of_octets_or_of_text_as_utf_8(kind, source):
    assert kind(source) == b"gr\xc3\xbcn"
    assert type(kind(source)) is kind


@pytest.mark.parametrize("kind", STRING_TYPES, ids=type_name)
@pytest.mark.parametrize("source", [5, None, [1, 2], 1.5, ipaddress.IPv4Address("192.0.2.1")], ids=repr)
def test_a_string_is_made_of_nothing_else(kind, source):
    with pytest.raises(TypeError, match=f"{kind.__name__} takes bytes or str"):
        kind(source)


@pytest.mark.parametrize("kind", STRING_TYPES, ids=type_name)
def test_a_string_is_bytes_to_python(kind):
    value = kind(b"abc")
    assert value == b"abc"
    assert hash(value) == hash(b"abc")
    assert value + b"d" == b"abcd"
    assert value[0] == 97
    assert value[1:] == b"bc"
    assert value.hex() == "616263"
    assert bytes(value) == b"abc"
    assert type(bytes(value)) is bytes
    assert sorted([kind(b"b"), kind(b"a")]) == [b"a", b"b"]
    assert repr(value) == f"{kind.__name__}(b'abc')"
    assert eval(repr(value)) == value


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", ""),
        (b"eth0", "eth0"),
        ("Zürich ☃".encode(), "Zürich ☃"),
        (b"line\r\n\ttab\f\v", "line\r\n\ttab\f\v"),
        (b"\x00\x07\x7d\x4d\x09\x00", "0x00077d4d0900"),
        (b"text\0", "0x7465787400"),
        (b"\x1b[2J", "0x1b5b324a"),
        (b"\x7f", "0x7f"),
        ("\u202e".encode(), "0xe280ae"),
        (b"\xc3", "0xc3"),
        (b"\xff\xfe", "0xfffe"),
    ],
)
def test_an_octet_string_is_text_if_all_of_it_is_printable_and_hex_otherwise(octets, text):
    value = OctetString(octets)
    assert str(value) == f"{value}" == text
    assert value.printable is (not text.startswith("0x"))


@pytest.mark.parametrize("kind", [Opaque, NsapAddress], ids=type_name)
def test_opaque_and_nsap_address_are_always_hex(kind):
    assert str(kind(b"ab")) == "0x6162"
    assert str(kind(b"")) == "0x"


@pytest.mark.parametrize("number", [0.0, 10.0, -1.5, math.inf, -math.inf])
def test_an_opaque_float_or_double_gives_its_number(number):
    assert Opaque(b"\x9f\x78\x04" + struct.pack(">f", number)).number == number
    assert Opaque(b"\x9f\x79\x08" + struct.pack(">d", number)).number == number


@pytest.mark.parametrize(
    ("octets", "number"),
    [
        ("9f7a0105", 5),
        ("9f7a01ff", -1),
        ("9f7a088000000000000000", -(2**63)),
        ("9f7b0105", 5),
        ("9f7b01ff", 255),
        ("9f7b0900ffffffffffffffff", 2**64 - 1),
        ("9f7b08ffffffffffffffff", 2**64 - 1),
        ("9f760204d2", 1234),
    ],
)
def test_an_opaque_integer_gives_its_number(octets, number):
    assert Opaque(bytes.fromhex(octets)).number == number
    assert type(Opaque(bytes.fromhex(octets)).number) is int


def test_an_opaque_nan_is_a_nan():
    number = Opaque(b"\x9f\x78\x04\x7f\xc0\0\0").number
    assert number is not None
    assert math.isnan(number)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x9f\x78\x04\x41\x20\0",
        b"\x9f\x78\x04\x41\x20\0\0\0",
        b"\x9f\x78\x08\x41\x20\0\0",
        b"\x9f\x79\x04\x41\x20\0\0",
        b"\x9f\x79\x08\x41\x20\0\0\0\0\0",
        b"\x9f\x79\x04\x41\x20\0\0\0\0\0\0",
        b"\x9f\x78\x08\x41\x20\0\0\0\0\0\0",
        b"\x41\xf0\0\0",
        b"\x9f\x7a\0",
        b"\x9f\x7a\x02\5",
        b"\x9f\x7a\x09\0\0\0\0\0\0\0\0\0",
        b"\x9f\x7b\x09\1\0\0\0\0\0\0\0\0",
        b"\x9f\x77\1\5",
    ],
    ids=bytes.hex,
)
def test_other_octets_in_an_opaque_are_no_number(octets):
    assert Opaque(octets).number is None


# --------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "source",
    [
        "192.0.2.1",
        b"\xc0\0\x02\x01",
        bytearray(b"\xc0\0\x02\x01"),
        memoryview(b"\xc0\0\x02\x01"),
        ipaddress.IPv4Address("192.0.2.1"),
    ],
    ids=type_name,
)
def test_an_ip_address_is_made_of_text_octets_or_an_address(source):
    value = IpAddress(source)
    assert value == b"\xc0\0\x02\x01"
    assert str(value) == f"{value}" == "192.0.2.1"
    assert repr(value) == "IpAddress('192.0.2.1')"
    assert eval(repr(value)) == value
    assert value.address == ipaddress.IPv4Address("192.0.2.1")
    assert (IpAddress.tag, IpAddress.name) == (0x40, "IpAddress")
    assert hash(value) == hash(b"\xc0\0\x02\x01")


def test_an_ip_address_is_all_zero_by_default():
    assert str(IpAddress()) == "0.0.0.0"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.1/24",
        "::1",
        "192.0.2.01",
        b"",
        b"\1\2\3",
        b"\1\2\3\4\5",
        bytearray(5),
        ipaddress.IPv6Address("::1"),
    ],
    ids=repr,
)
def test_what_is_no_ipv4_address_is_refused(source):
    with pytest.raises(ConfigurationError, match="not an IPv4 address"):
        IpAddress(source)


@pytest.mark.parametrize("source", [0, 1, True, 0xC0000201, Integer32(5)], ids=repr)
def test_a_number_is_no_ip_address(source):
    with pytest.raises(TypeError, match="takes text, four octets or an IPv4Address, not (int|bool|Integer32)"):
        IpAddress(source)


# ------------------------------------------------------------------------------ values without content


@pytest.mark.parametrize(("kind", "tag", "name"), SINGLETONS, ids=type_name)
def test_a_value_without_content_is_one_instance_and_false(kind, tag, name):
    assert (kind.tag, kind.name) == (tag, name)
    assert kind() is kind()
    assert not kind()
    assert str(kind()) == f"{kind()}" == name
    assert repr(kind()) == f"{kind.__name__}()"
    assert copy.deepcopy(kind()) is kind()
    assert hash(kind()) == hash(kind())
    for protocol in PROTOCOLS:
        assert pickle.loads(pickle.dumps(kind(), protocol)) is kind()


def test_values_without_content_are_equal_only_to_themselves():
    kinds = [kind for kind, _, _ in SINGLETONS]
    for kind in kinds:
        assert [other() == kind() for other in kinds] == [other is kind for other in kinds]
        nothings: list[object] = [0, b"", "", None, False, ()]
        assert kind() not in nothings
    assert len({kind() for kind in kinds}) == 4


@pytest.mark.parametrize("kind", [kind for kind, _, _ in SINGLETONS], ids=type_name)
def test_a_value_without_content_takes_no_argument_and_no_attribute(kind):
    with pytest.raises(TypeError):
        kind(1)
    with pytest.raises(AttributeError):
        kind().extra = 1


# ----------------------------------------------------------------------------------------- all kinds


def test_every_type_has_its_own_tag_and_name():
    kinds = NUMBER_TYPES + STRING_TYPES + [IpAddress] + [kind for kind, _, _ in SINGLETONS]
    assert len({kind.tag for kind in kinds}) == len(kinds) == 14
    assert len({kind.name for kind in kinds}) == len(kinds)


def test_an_object_identifier_is_a_value_with_a_tag_and_a_name_like_any_other():
    assert ObjectIdentifier is OID
    assert (OID.tag, OID.name) == (0x06, "OID")
    assert (OID("1.3.6.1").tag, OID("1.3.6.1").name) == (0x06, "OID")
    assert 0x06 not in {row[1] for row in [*NUMBERS, *STRINGS, *SINGLETONS]} | {IpAddress.tag}


class Celsius(Integer32):
    """A subclass as a user may write it: an SMI type with a meaning."""

    __slots__ = ()


class Label(OctetString):
    __slots__ = ()


class Loopback(IpAddress):
    __slots__ = ()


class Octets64(Counter64):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Celsius(-5), Integer32(-5)),
        (Label("eth0"), OctetString("eth0")),
        (Loopback("127.0.0.1"), IpAddress("127.0.0.1")),
        (Octets64(2**63), Counter64(2**63)),
    ],
    ids=type_name,
)
def test_a_subclass_of_an_smi_type_is_sent_as_that_type(value, expected):
    name = OID("1.3.6.1.2.1.1.5.0")
    assert to_value(value) is value
    assert encode_varbind(name, value) == encode_varbind(name, expected)


def test_a_subclass_of_an_smi_type_keeps_its_range():
    with pytest.raises(ConfigurationError, match="Celsius is a number from -2147483648 to 2147483647"):
        Celsius(2**31)


class Speed(enum.IntEnum):
    FAST = 3


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (5, Integer32(5)),
        (-(2**31), Integer32(-(2**31))),
        (Speed.FAST, Integer32(3)),
        ("grün", OctetString(b"gr\xc3\xbcn")),
        (b"\0\xff", OctetString(b"\0\xff")),
        (bytearray(b"\0\xff"), OctetString(b"\0\xff")),
        (ipaddress.IPv4Address("192.0.2.1"), IpAddress("192.0.2.1")),
        (None, Null()),
    ],
    ids=repr,
)
def test_python_values_become_their_smi_type(source, expected):
    value = to_value(source)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize("value", ONE_OF_EACH, ids=type_name)
def test_smi_values_pass_as_they_are(value):
    assert to_value(value) is value


@pytest.mark.parametrize("value", [True, False, 1.5, (1, 3), [b"x"], object, ipaddress.IPv6Address("::1")], ids=repr)
def test_what_snmp_has_no_type_for_is_a_type_error(value):
    with pytest.raises(TypeError, match=f"no SNMP type for {type(value).__name__}"):
        to_value(value)


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, "x" * 65536])
def test_python_values_out_of_range_are_refused(value):
    with pytest.raises(ConfigurationError):
        to_value(value)


def test_a_variable_binding_unpacks_and_reads_as_name_and_value():
    varbind = VarBind(OID("1.3.6.1.2.1.1.5.0"), OctetString("router"))
    oid, value = varbind
    assert (oid, value) == (varbind.oid, varbind.value)
    assert str(varbind) == "1.3.6.1.2.1.1.5.0 = router"
    assert eval(repr(varbind)) == varbind
    assert pickle.loads(pickle.dumps(varbind)) == varbind


# ---------------------------------------------------------------------------------------- answers

SYS_UP_TIME, SYS_NAME = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0"
ANSWER = VarBinds(
    (
        VarBind(OID(SYS_UP_TIME), TimeTicks(4752)),
        VarBind(OID(SYS_NAME), OctetString("core")),
        VarBind(OID("1.3.6.1.2.1.1.9.0"), NoSuchInstance()),
    )
)


@pytest.mark.parametrize("name", [SYS_NAME, f".{SYS_NAME}", OID(SYS_NAME), tuple(OID(SYS_NAME)), list(OID(SYS_NAME))])
def test_an_answer_finds_a_value_by_its_name_in_any_form(name):
    assert ANSWER[name] == OctetString("core")
    assert ANSWER.get(name) == OctetString("core")


def test_an_answer_tells_whether_it_has_a_name_or_a_variable_binding():
    there: list[object] = [SYS_NAME, OID(SYS_NAME), f".{SYS_NAME}", ANSWER[0], (OID(SYS_NAME), b"core")]
    not_there: list[object] = ["1.3.6.1.2.1.1.4.0", VarBind(OID(SYS_NAME), OctetString("edge")), 5, None]
    assert [item in ANSWER for item in there] == [True] * len(there)
    assert [item in ANSWER for item in not_there] == [False] * len(not_there)


def test_an_answer_keeps_the_exceptions_in_the_place_of_values():
    assert ANSWER["1.3.6.1.2.1.1.9.0"] is NoSuchInstance()
    assert ANSWER.get("1.3.6.1.2.1.1.9.0", 1) is NoSuchInstance()


def test_a_name_that_an_answer_does_not_have_is_a_key_error_or_the_default():
    with pytest.raises(KeyError, match=r"no variable binding has the name 1\.3\.6\.1\.2\.1\.1\.4\.0"):
        ANSWER["1.3.6.1.2.1.1.4.0"]
    assert ANSWER.get("1.3.6.1.2.1.1.4.0") is None
    assert ANSWER.get("1.3.6.1.2.1.1.4.0", 7) == 7


@pytest.mark.parametrize("look", [ANSWER.__getitem__, ANSWER.get, ANSWER.__contains__], ids=["[]", "get", "in"])
def test_text_that_is_no_oid_is_refused_instead_of_not_found(look):
    with pytest.raises(ConfigurationError, match="not an object identifier in dotted numbers: 'sysName'"):
        look("sysName")


def test_an_answer_is_a_tuple_by_position():
    assert isinstance(ANSWER, tuple)
    (uptime, name, _) = ANSWER
    assert (ANSWER[0], ANSWER[-2], ANSWER[True]) == (uptime, name, name)
    assert tuple(ANSWER) == ANSWER
    assert hash(ANSWER) == hash(tuple(ANSWER))
    assert ANSWER[:2] == (uptime, name)
    assert ANSWER[:2][SYS_NAME] == b"core"
    assert ANSWER[1:].get(SYS_UP_TIME) is None
    with pytest.raises(IndexError):
        ANSWER[3]
    with pytest.raises(TypeError):
        ANSWER[1.0]  # type: ignore[call-overload]


def test_of_two_variable_bindings_of_one_name_the_first_is_found():
    twice = VarBinds((VarBind(OID("1.3.6"), Integer32(1)), VarBind(OID("1.3.6"), Integer32(2))))
    assert twice["1.3.6"] == 1


def test_a_dictionary_of_an_answer_is_found_in_by_text():
    by_name: dict[object, object] = {**dict(ANSWER)}
    assert by_name[SYS_NAME] == b"core"
    assert by_name.get(OID(SYS_UP_TIME)) == 4752


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_answer_is_pickled_and_copied_as_what_it_is(protocol):
    assert ANSWER[SYS_NAME] == b"core"  # what it keeps to find names is not part of it
    for back in (pickle.loads(pickle.dumps(ANSWER, protocol)), copy.copy(ANSWER), copy.deepcopy(ANSWER)):
        assert type(back) is VarBinds
        assert back == ANSWER
        assert back[SYS_UP_TIME] == 4752


# -------------------------------------------------------------------------------------- formatting


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (OctetString("core"), "<6", "core  "),
        (OctetString(b"\xff"), ">6", "  0xff"),
        (OctetString("core"), ".2", "co"),
        (Opaque(b"\x01"), "^6", " 0x01 "),
        (NsapAddress(b"\x01"), "*<6", "0x01**"),
        (IpAddress("10.0.0.1"), ">10s", "  10.0.0.1"),
        (Null(), "<6", "NULL  "),
        (NoSuchObject(), ">14", "  noSuchObject"),
        (EndOfMibView(), "", "endOfMibView"),
        (VarBind(OID("1.3"), Integer32(1)), "<9", "1.3 = 1  "),
        (Counter32(1234567), ",", "1,234,567"),
        (Gauge32(255), "#06x", "0x00ff"),
        (Integer32(-5), "04d", "-005"),
        (TimeTicks(4752), ">8", "    4752"),
        (Counter64(2**64 - 1), "", "18446744073709551615"),
        (Integer32(5), ".1f", "5.0"),
    ],
    ids=repr,
)
def test_format_takes_the_specifications_of_numbers_for_numbers_and_of_text_for_the_rest(value, spec, text):
    assert format(value, spec) == text


def test_a_string_refuses_the_specification_of_a_number():
    with pytest.raises(ValueError, match="Unknown format code"):
        format(OctetString("core"), "d")


def test_text_that_utf_8_cannot_encode_is_refused_without_showing_it() -> None:
    for kind in (OctetString, Opaque):
        with pytest.raises(ConfigurationError, match="this has a surrogate: give bytes") as caught:
            kind("secret\udcff")
        assert "secret" not in str(caught.value)


def test_variable_bindings_contain_a_name_in_each_of_its_spellings() -> None:
    answer = VarBinds((VarBind(OID("1.3.6.1"), Integer32(1)),))

    spellings: tuple[object, ...] = ("1.3.6.1", ".1.3.6.1", OID("1.3.6.1"), (1, 3, 6, 1), [1, 3, 6, 1], answer[0])
    others: tuple[object, ...] = ("1.3.6.2", (1, 3, 6, 2), (), VarBind(OID("1.3.6.1"), Integer32(2)))

    assert [item in answer for item in spellings] == [True] * 6
    assert [item in answer for item in others] == [False] * 4
