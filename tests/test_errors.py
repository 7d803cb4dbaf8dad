"""Exceptions: base classes, attributes, texts, pickling."""

from __future__ import annotations

import copy
import copyreg
import inspect
import pickle

import pytest

from snmptcp import errors
from snmptcp.errors import (
    AgentError,
    BrokenVariable,
    ClosedError,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    DecodeError,
    DecryptionFailed,
    ErrorStatus,
    FramingError,
    LimitExceeded,
    MessageTooLarge,
    NotInTimeWindow,
    OidNotIncreasing,
    ProtocolError,
    RequestTimeout,
    ResponseMismatch,
    SecurityError,
    SecurityLevelTooLow,
    SnmpError,
    TransportError,
    UnknownContext,
    UnknownEngine,
    UnknownUser,
    WrongCommunity,
    WrongDigest,
    WrongVersion,
    agent_error,
)
from snmptcp.oid import OID
from snmptcp.values import Integer32, Null, VarBind

VARBINDS = (VarBind(OID("1.3.6.1.2.1.1.5.0"), Null()), VarBind(OID("1.3.6.1.2.1.1.6.0"), Integer32(1)))

STATUS_CLASSES = [
    (1, "tooBig", errors.TooBig),
    (2, "noSuchName", errors.NoSuchName),
    (3, "badValue", errors.BadValue),
    (4, "readOnly", errors.ReadOnly),
    (5, "genErr", errors.GenErr),
    (6, "noAccess", errors.NoAccess),
    (7, "wrongType", errors.WrongType),
    (8, "wrongLength", errors.WrongLength),
    (9, "wrongEncoding", errors.WrongEncoding),
    (10, "wrongValue", errors.WrongValue),
    (11, "noCreation", errors.NoCreation),
    (12, "inconsistentValue", errors.InconsistentValue),
    (13, "resourceUnavailable", errors.ResourceUnavailable),
    (14, "commitFailed", errors.CommitFailed),
    (15, "undoFailed", errors.UndoFailed),
    (16, "authorizationError", errors.AuthorizationError),
    (17, "notWritable", errors.NotWritable),
    (18, "inconsistentName", errors.InconsistentName),
]

#: Errors of the User-based Security Model (RFC 3414 section 3.2).
USM_ERRORS: list[type[SecurityError]] = [
    UnknownUser,
    UnknownEngine,
    UnknownContext,
    SecurityLevelTooLow,
    WrongDigest,
    NotInTimeWindow,
    DecryptionFailed,
]

ONE_OF_EACH: list[SnmpError] = [
    SnmpError("x"),
    ConfigurationError("x"),
    errors.ArgumentTypeError("x"),
    errors.MibError("x"),
    ClosedError("x"),
    TransportError("x"),
    ConnectFailed("192.0.2.1 port 161: refused"),
    ConnectionLost("end of stream"),
    RequestTimeout(2.5),
    RequestTimeout(2.5, WrongCommunity()),
    SecurityError("x"),
    WrongCommunity(),
    *(kind("why") for kind in USM_ERRORS),
    RequestTimeout(2.5, NotInTimeWindow("the reply is older than 150 s")),
    ProtocolError("x"),
    WrongVersion(1, 0),
    DecodeError("an integer of 0 octets", 3, b"\x30\x02\x02\x00"),
    BrokenVariable("an IpAddress of 3 octets", 2, b"\x40\x03abc", VARBINDS, ((1, OID("1.3.6")), (3, None))),
    BrokenVariable("an IpAddress of 3 octets", 2, b"\x40\x03abc", VARBINDS, ((0, None),), OID("1.3.5")),
    FramingError("a message begins with 0x30, not 0x48", 0, b"HTTP"),
    MessageTooLarge(5_000_000, 4_194_304, b"\x30\x84\0\x4c\x4b\x3a"),
    LimitExceeded("192.0.2.1 port 161: the table has more than 512 columns", 512),
    ResponseMismatch("other names", VARBINDS),
    OidNotIncreasing(OID("1.3.6"), OID("1.3.5")),
    *(agent_error(status, 1, VARBINDS) for status in range(31)),
]


# ----------------------------------------------------------------------------------------- the tree


@pytest.mark.parametrize(
    ("kind", "bases"),
    [
        (ConfigurationError, (SnmpError, ValueError)),
        (errors.ArgumentTypeError, (ConfigurationError, TypeError)),
        (errors.MibError, (ConfigurationError,)),
        (ClosedError, (SnmpError, RuntimeError)),
        (TransportError, (SnmpError, ConnectionError, OSError)),
        (ConnectFailed, (TransportError,)),
        (ConnectionLost, (TransportError,)),
        (RequestTimeout, (SnmpError, TimeoutError)),
        (SecurityError, (SnmpError,)),
        (WrongCommunity, (SecurityError,)),
        *((kind, (SecurityError,)) for kind in USM_ERRORS),
        (ProtocolError, (SnmpError,)),
        (WrongVersion, (ProtocolError,)),
        (DecodeError, (ProtocolError,)),
        (BrokenVariable, (DecodeError,)),
        (FramingError, (DecodeError,)),
        (MessageTooLarge, (FramingError,)),
        (LimitExceeded, (ProtocolError,)),
        (ResponseMismatch, (ProtocolError,)),
        (OidNotIncreasing, (ProtocolError,)),
        (AgentError, (SnmpError,)),
    ],
)
def test_each_exception_derives_from_its_family_and_its_builtin_counterpart(kind, bases):
    for base in bases:
        assert issubclass(kind, base)


def test_the_families_do_not_overlap():
    families = (
        ConfigurationError,
        ClosedError,
        TransportError,
        RequestTimeout,
        SecurityError,
        ProtocolError,
        AgentError,
    )
    for kind in families:
        assert [family for family in families if issubclass(kind, family)] == [kind]


def test_every_exception_of_the_module_is_public_and_derives_from_the_root():
    classes = {
        name: kind
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, BaseException) and kind.__module__ == errors.__name__
    }
    assert set(classes) == set(errors.__all__) - {"ErrorStatus", "TlsFailure", "agent_error"}
    assert all(issubclass(kind, SnmpError) for kind in classes.values())


@pytest.fixture(autouse=True)
def copies_of_their_own(monkeypatch):
    """Undo what the import of distributed does by tblib: copies of exceptions share their attributes."""
    for error in ONE_OF_EACH:
        monkeypatch.delitem(copyreg.dispatch_table, type(error), raising=False)


def facts(error: BaseException) -> dict[str, object]:
    """Return the attributes and texts of an exception, also of exceptions in its attributes."""
    return {
        name: (type(fact), facts(fact)) if isinstance(fact, BaseException) else fact
        for name, fact in {**vars(error), "text": str(error), "representation": repr(error)}.items()
    }


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
def test_every_exception_survives_pickling_with_its_facts(error, protocol):
    back = pickle.loads(pickle.dumps(error, protocol))
    assert type(back) is type(error)
    assert facts(back) == facts(error)


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
def test_every_exception_can_be_copied_with_its_facts(error):
    back = copy.copy(error)
    assert type(back) is type(error)
    assert facts(back) == facts(error)


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
def test_every_exception_has_a_text_on_one_line(error):
    assert str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
def test_an_error_with_a_peer_names_it_first_and_once_and_keeps_it_when_pickled(error):
    with_peer = copy.copy(error)
    with_peer.peer = "192.0.2.1:161"
    expected = error.text if "192.0.2.1:161" in error.text else f"192.0.2.1:161: {error.text}"
    assert with_peer.text == error.text == str(error)
    assert str(with_peer) == expected
    assert str(pickle.loads(pickle.dumps(with_peer))) == expected
    assert pickle.loads(pickle.dumps(with_peer)).peer == "192.0.2.1:161"


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
def test_a_hint_stands_behind_the_text(error):
    with_hint = copy.copy(error)
    with_hint.hint = "try tcp:161"
    assert str(with_hint) == f"{error} (try tcp:161)"
    assert str(copy.copy(with_hint)) == str(with_hint)


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
def test_format_takes_an_error_for_its_text(error):
    assert format(error, "<200") == str(error).ljust(200)


# ------------------------------------------------------------------------------------------ timeouts


def test_a_timeout_after_silence_says_how_long():
    error = RequestTimeout(2.5)
    assert (error.timeout, error.reason) == (2.5, None)
    assert str(error) == "no answer within 2.5 s"


def test_a_timeout_after_a_refused_reply_says_why():
    reason = WrongCommunity()
    error = RequestTimeout(10, reason)
    assert (error.timeout, error.reason) == (10, reason)
    assert str(error) == f"no answer within 10 s; the last reply was refused: {reason}"


@pytest.mark.parametrize("timeout", [5, 110, 2.5])
def test_a_timeout_is_not_mistaken_for_an_error_number_of_the_system(timeout):
    error = RequestTimeout(timeout, WrongCommunity())
    assert error.errno is None
    assert error.strerror is None


def test_a_reply_with_another_community_or_version_says_so_and_shows_no_community():
    assert str(WrongCommunity()) == "the community of the reply is not that of the request"
    error = WrongVersion(1, 0)
    assert (error.expected, error.found) == (1, 0)
    assert str(error) == "the reply has SNMP version number 0, not 1 as the request"


# ------------------------------------------------------------------------------------------ decoding


@pytest.mark.parametrize("kind", USM_ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_of_the_user_based_security_model_says_why_and_is_no_other(kind):
    assert str(kind("why")) == "why"
    assert [other for other in USM_ERRORS if issubclass(kind, other)] == [kind]
    assert str(RequestTimeout(2.0, kind("why"))) == "no answer within 2 s; the last reply was refused: why"


def test_a_decode_error_tells_what_where_and_the_tag_and_length_there():
    error = DecodeError("an integer of 0 octets", 2, b"\x30\x02\x02\x00\x05\x00")
    assert (error.problem, error.offset, error.octets) == ("an integer of 0 octets", 2, b"\x30\x02\x02\x00\x05\x00")
    assert str(error) == "an integer of 0 octets (offset 2: 02 00)"


@pytest.mark.parametrize(("offset", "octets"), [(3, b""), (3, b"\x30\x01\x05"), (9, b"\x30\x01\x05")])
def test_a_decode_error_without_octets_at_its_offset_tells_what_and_where(offset, octets):
    assert str(DecodeError("an integer of 0 octets", offset, octets)) == f"an integer of 0 octets (offset {offset})"


@pytest.mark.parametrize("offset", [0, 1, 30_000, 59_998, 59_999, 60_000])
def test_two_octets_are_shown_at_most_and_none_in_repr(offset):
    error = DecodeError("x", offset, b"\xab" * 60_000)
    assert str(error).count("ab") == max(0, min(2, 60_000 - offset))
    assert repr(error) == f"DecodeError('x', {offset})"


@pytest.mark.parametrize("octets", [b"", b"\x02", b"HTTP/1.1"])
def test_a_framing_error_is_a_decode_error_with_the_same_facts(octets):
    error = FramingError("a message begins with 0x30, not 0x48", 0, octets)
    assert (error.problem, error.offset, error.octets) == ("a message begins with 0x30, not 0x48", 0, octets)
    shown = f": {octets[:2].hex(' ')}" if octets else ""
    assert str(error) == f"a message begins with 0x30, not 0x48 (offset 0{shown})"


def test_a_message_too_large_tells_its_length_and_the_limit():
    error = MessageTooLarge(5_000_000, 4_194_304, b"\x30\x84")
    assert (error.length, error.limit, error.offset, error.octets) == (5_000_000, 4_194_304, 0, b"\x30\x84")
    assert str(error) == "a message of 5000000 octets exceeds the limit of 4194304 (offset 0: 30 84)"
    assert MessageTooLarge(2, 1).octets == b""


def test_a_mismatch_tells_the_problem_and_keeps_what_came():
    error = ResponseMismatch("2 variable bindings, and 3 were asked for", VARBINDS)
    assert str(error) == error.problem == "2 variable bindings, and 3 were asked for"
    assert error.varbinds == VARBINDS
    assert ResponseMismatch("x").varbinds == ()


def test_a_walk_that_would_not_end_tells_both_names():
    error = OidNotIncreasing(OID("1.3.6.2"), OID("1.3.6.1"))
    assert (error.previous, error.current) == (OID("1.3.6.2"), OID("1.3.6.1"))
    assert str(error) == "OID not increasing: 1.3.6.2 was followed by 1.3.6.1"


# -------------------------------------------------------------------------------------- error-status


def test_error_status_has_the_names_and_numbers_of_the_rfc():
    expected = {0: "noError"} | {number: name for number, name, _ in STATUS_CLASSES}
    assert {int(status): status.name for status in ErrorStatus} == expected


@pytest.mark.parametrize(("status", "name", "kind"), STATUS_CLASSES)
def test_each_error_status_has_its_class(status, name, kind):
    error = agent_error(status, 2, VARBINDS)
    assert type(error) is kind
    assert issubclass(kind, AgentError)
    assert error.status is ErrorStatus(status)
    assert (error.index, error.varbinds, error.varbind) == (2, VARBINDS, VARBINDS[1])
    assert str(error) == f"{name} ({status}) for 1.3.6.1.2.1.1.6.0 (error-index 2)"


@pytest.mark.parametrize("status", [0, *range(19, 31), -1, 2**31 - 1])
def test_an_unknown_error_status_is_still_an_agent_error(status):
    error = agent_error(status, 1, VARBINDS)
    assert type(error) is AgentError
    assert error.status == status
    known = "noError" if status == 0 else "unknown error-status"
    assert str(error) == f"{known} ({status}) for 1.3.6.1.2.1.1.5.0 (error-index 1)"


@pytest.mark.parametrize(
    ("index", "varbind", "text"),
    [
        (0, None, "genErr (5)"),
        (1, VARBINDS[0], "genErr (5) for 1.3.6.1.2.1.1.5.0 (error-index 1)"),
        (2, VARBINDS[1], "genErr (5) for 1.3.6.1.2.1.1.6.0 (error-index 2)"),
        (3, None, "genErr (5), error-index 3"),
        (-1, None, "genErr (5), error-index -1"),
        (2**31 - 1, None, "genErr (5), error-index 2147483647"),
    ],
)
def test_the_error_index_points_at_a_variable_binding_or_at_none(index, varbind, text):
    error = agent_error(5, index, VARBINDS)
    assert error.varbind == varbind
    assert str(error) == text


@pytest.mark.parametrize(("status", "name", "kind"), STATUS_CLASSES)
def test_a_class_made_without_a_status_has_its_own(status, name, kind):
    error = kind()
    assert (error.status, error.index, error.varbinds) == (ErrorStatus[name], 0, ())
    assert str(error) == f"{name} ({status})"


def test_an_agent_error_made_without_a_status_is_a_gen_err():
    assert AgentError().status is ErrorStatus.genErr


def test_an_error_without_variable_bindings_points_at_none():
    error = agent_error(1, 0, ())
    assert error.varbind is None
    assert str(error) == "tooBig (1)"


# ------------------------------------------------------------------------------------ broken variables


@pytest.mark.parametrize(
    ("broken", "after", "text"),
    [
        ((0, None), None, "the variable cannot be read: "),
        ((0, None), "1.3.5", "the variable after 1.3.5 cannot be read: "),
        ((1, None), "1.3.5", "the variable after 1.3.6.1.2.1.1.5.0 cannot be read: "),
        ((0, "1.3.6"), None, "the value of 1.3.6 cannot be read: "),
        ((0, "1.3.6"), "1.3.5", "the value of 1.3.6, the one after 1.3.5, cannot be read: "),
    ],
)
def test_a_broken_variable_is_named_with_the_one_before_it(broken, after, text):
    place, name = broken
    where = ((place, None if name is None else OID(name)),)
    error = BrokenVariable(
        "an IpAddress of 3 octets", 2, b"\x40\x03\x40\x03", VARBINDS, where, None if after is None else OID(after)
    )
    assert str(error) == f"{text}an IpAddress of 3 octets (offset 2: 40 03)"
