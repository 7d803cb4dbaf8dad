"""The tokens of ``snmp.conf``, and what their values may be.

Contains: one row for each token, and the parsers of values.  Does not contain: reading files
(:mod:`~snmptcp.cli.configuration.files`), and putting values together
(:mod:`~snmptcp.cli.configuration.conf`).

No error text shows a value that may be a secret.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.credentials import SecurityLevel, parse_auth_protocol, parse_priv_protocol
from snmptcp.errors import ConfigurationError
from snmptcp.mib.text import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snmptcp.credentials import AuthProtocol, PrivProtocol

__all__ = ("IGNORED", "LEVELS", "TOKENS", "TRANSPORTS", "Token", "parse_hex", "parse_key", "parse_text")

#: net-snmp's spellings of security levels, in lower case; those of ``-l``.
LEVELS: Mapping[str, SecurityLevel] = {
    "noauthnopriv": SecurityLevel.noAuthNoPriv,
    "noauth": SecurityLevel.noAuthNoPriv,
    "nanp": SecurityLevel.noAuthNoPriv,
    "1": SecurityLevel.noAuthNoPriv,
    "authnopriv": SecurityLevel.authNoPriv,
    "auth": SecurityLevel.authNoPriv,
    "anp": SecurityLevel.authNoPriv,
    "2": SecurityLevel.authNoPriv,
    "authpriv": SecurityLevel.authPriv,
    "priv": SecurityLevel.authPriv,
    "ap": SecurityLevel.authPriv,
    "3": SecurityLevel.authPriv,
}

_YES_OR_NO = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}

#: The letters of ``-O`` that oidOutputFormat and suffixPrinting stand for, by their numbers; ``""`` for the default.
_OID_FORMATS = ("", "s", "S", "f", "n", "u", "none")

_VERSIONS = {"1": "1", "v1": "1", "2c": "2c", "v2c": "2c", "3": "3", "v3": "3"}

#: net-snmp's words for SNMP over TCP, and over TLS (RFC 6353), before an address too; tlstcp6 and tlstcpv6 are ours.
TRANSPORTS: Mapping[str, str] = {
    **dict.fromkeys(("tcp", "tcp6", "tcpv6", "tcpipv6"), "tcp"),
    **dict.fromkeys(("tlstcp", "tls", "tlstcp6", "tlstcpv6"), "tlstcp"),
}


class Token(NamedTuple):
    """A token that this program understands.

    Attributes:
        name: its name, as net-snmp writes it.
        argument: what its value may be, for people.
        field: the attribute of SnmpConf that it sets, ``GROUP.NAME`` for one of its parts.
        parse: makes the attribute's value of the text; raises ConfigurationError.
        secret: whether other users must not read the value.
        adds: whether several of them add up, instead of the last one winning.
        of_hosts: whether only the file of one agent can have it.
    """

    name: str
    argument: str
    field: str
    parse: Callable[[str], object]
    secret: bool = False
    adds: bool = False
    of_hosts: bool = False


# ------------------------------------------------------------------------------------------- values


def parse_text(text: str) -> str:
    r"""Return a value without the quotes around it; in quotes a backslash stands before a quote or itself."""
    match = re.match(r'"((?:[^"\\]|\\.)*)', text, re.DOTALL)
    return text if match is None else re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL)


def _octets(text: str) -> bytes:
    return os.fsencode(parse_text(text))


def parse_hex(text: str) -> bytes | None:
    """Return octets of two hexadecimal digits each, perhaps behind ``0x``; ``None`` for another text."""
    digits = re.sub("^0[xX]", "", text)
    return bytes.fromhex(digits) if re.fullmatch("(?:[0-9a-fA-F]{2})+", digits) else None


def parse_key(text: str) -> bytes:
    """Return a key in hex.

    Raises:
        ConfigurationError: another text.
    """
    key = parse_hex(text)
    if key is None:
        raise ConfigurationError("a key is given in hex, two digits for each octet")
    return key


def _key(text: str) -> bytes:
    return parse_key(parse_text(text))


def _first_word(text: str) -> str:
    """Return the first word; net-snmp ignores others behind a number or a yes."""
    return re.split(r"[\s,]", text, maxsplit=1)[0]


def _flag(text: str) -> bool:
    flag = _YES_OR_NO.get(_first_word(text).lower())
    if flag is None:
        raise ConfigurationError(f"the value is yes, true, 1, no, false or 0, not {text!r}")
    return flag


def _number(least: int, most: int = 0x7FFFFFFF) -> Callable[[str], int]:
    def parse(text: str) -> int:
        word = _first_word(text)
        if not re.fullmatch("[0-9]{1,10}", word) or not least <= int(word) <= most:
            raise ConfigurationError(f"the value is a number from {least} to {most}, not {text!r}")
        return int(word)

    return parse


def _version(text: str) -> str:
    known = _VERSIONS.get(_word(text).lower())
    if known is None:
        raise ConfigurationError(f"a version is 1, 2c or 3, not {text!r}")
    return known


def _level(text: str) -> SecurityLevel:
    level = LEVELS.get(_word(text).lower())
    if level is None:
        raise ConfigurationError("a security level is noAuthNoPriv, authNoPriv or authPriv")
    return level


def _auth_protocol(text: str) -> AuthProtocol:
    return parse_auth_protocol(_word(text))


def _priv_protocol(text: str) -> PrivProtocol:
    return parse_priv_protocol(_word(text))


def _word(text: str) -> str:
    """Return a value of one word, whose comment is left out."""
    return re.split(r"\s#", parse_text(text), maxsplit=1)[0].rstrip()


def _security_model(text: str) -> str:
    model = _word(text).lower()
    if model not in {"usm", "tsm"}:
        raise ConfigurationError(f"a security model is usm or tsm, not {text!r}")
    return model


def _domain(text: str) -> tuple[str, str]:
    """Return an application, and ``tcp`` or ``tlstcp``; ``""`` for a transport that is not ours."""
    words = text.replace(",", " ").split()
    if len(words) < 2:
        raise ConfigurationError("the value is an application and a transport, as in: snmp tlstcp")
    known = [TRANSPORTS[word.lower()] for word in words[1:] if word.lower() in TRANSPORTS]
    return words[0], known[0] if known else ""


def _oid_format(text: str) -> str:
    return _OID_FORMATS[_number(0, len(_OID_FORMATS) - 1)(text)]


def _suffix(text: str) -> str:
    return _OID_FORMATS[_number(0, 2)(text)]


def _numeric_oids(text: str) -> str | None:
    return "n" if _flag(text) else None  # net-snmp's "no" changes nothing, either


def _precision(text: str) -> str:
    try:
        return DEFAULT.with_letters(f"p{parse_text(text)}").precision
    except ConfigurationError:
        raise ConfigurationError(f"the value is a precision, as in .2, not {text!r}") from None


def _alias(text: str) -> tuple[str, str]:
    words = text.split(maxsplit=1)
    if len(words) < 2:
        raise ConfigurationError("the value is a name and an address, as in: core tcp:192.0.2.1:1161")
    return words[0], parse_text(words[1])


# ------------------------------------------------------------------------------------------- tokens

_FLAG = "yes|no"
_NUMBER = "NUMBER"
_TEXT = "TEXT"


def _flags(**names: str) -> tuple[Token, ...]:
    """Return tokens that are yes or no, by name; the values are the fields."""
    return tuple(Token(name, _FLAG, field, _flag) for name, field in names.items())


_ALL = (
    Token("defVersion", "1|2c|3", "version", _version),
    Token("defCommunity", _TEXT, "community", _octets),
    Token("defSecurityName", "NAME", "user", parse_text),
    Token("defSecurityLevel", "noAuthNoPriv|authNoPriv|authPriv", "level", _level),
    Token("defSecurityModel", "usm|tsm", "security_model", _security_model),
    Token("defContext", _TEXT, "context", _octets),
    Token("defAuthType", "PROTOCOL", "keys.auth_protocol", _auth_protocol),
    Token("defPrivType", "PROTOCOL", "keys.priv_protocol", _priv_protocol),
    Token("defPassphrase", _TEXT, "keys.passphrase", _octets, secret=True),
    Token("defAuthPassphrase", _TEXT, "keys.auth_passphrase", _octets, secret=True),
    Token("defPrivPassphrase", _TEXT, "keys.priv_passphrase", _octets, secret=True),
    Token("defAuthMasterKey", "HEX", "keys.auth_key", _key, secret=True),
    Token("defPrivMasterKey", "HEX", "keys.priv_key", _key, secret=True),
    Token("defAuthLocalizedKey", "HEX", "keys.auth_localized_key", _key, secret=True),
    Token("defPrivLocalizedKey", "HEX", "keys.priv_localized_key", _key, secret=True),
    Token("defaultPort", "PORT", "port", _number(1, 65535)),
    Token("defDomain", "snmp|snmptrap tcp|tlstcp", "domains", _domain, adds=True),
    Token("transport", "ADDRESS", "address", parse_text, of_hosts=True),
    Token("alias", "NAME ADDRESS", "aliases", _alias, adds=True),
    Token("timeout", "SECONDS", "timeout", _number(1)),
    Token("retries", _NUMBER, "retries", _number(0)),
    *_flags(dumpPacket="dump", dontLoadHostConfig="ignore_hosts", noTokenWarnings="no_token_warnings"),
    *_flags(disableSNMPv1="disable_v1", disableSNMPv2c="disable_v2c", disableSNMPv3="disable_v3"),
    Token("localCert", "CERTIFICATE", "tls.our_identity", parse_text),
    Token("peerCert", "CERTIFICATE", "tls.their_identity", parse_text),
    Token("trustCert", "CERTIFICATE", "tls.trust_certs", parse_text, adds=True),
    Token("x509CRLFile", "FILE", "tls.crl_file", parse_text),
    Token("tlsAlgorithms", "CIPHERS", "tls.algorithms", parse_text),
    Token("mibs", "MODULE:...", "mib.mibs", parse_text, adds=True),
    Token("mibdirs", "FOLDER:...", "mib.mibdirs", parse_text, adds=True),
    Token("mibfile", "FILE", "mib.mibfiles", parse_text, adds=True),
    *_flags(noRangeCheck="mib.no_range_check", noDisplayHint="mib.no_display_hint"),
    *_flags(
        printNumericEnums="printing.numeric_enums",
        dontBreakdownOids="printing.numeric_indexes",
        escapeQuotes="printing.escape_quotes",
        extendedIndex="printing.extended_index",
        quickPrinting="printing.quick",
        printValueOnly="printing.values_only",
        dontPrintUnits="printing.no_units",
        numericTimeticks="printing.plain_ticks",
        printHexText="printing.text_behind_hex",
    ),
    Token("printNumericOids", _FLAG, "printing.oid_format", _numeric_oids),
    Token("oidOutputFormat", "0...6", "printing.oid_format", _oid_format),
    Token("suffixPrinting", "0|1|2", "printing.oid_format", _suffix),
    Token("hexOutputLength", _NUMBER, "printing.hex_length", _number(0)),
    Token("outputPrecision", "PRECISION", "printing.precision", _precision),
)

#: The tokens that are understood, by their names in lower case: net-snmp ignores case.
TOKENS: Mapping[str, Token] = {token.name.lower(): token for token in _ALL}

#: net-snmp's tokens for its own transports, files, logs and parser of MIB modules, in lower case: without effect here,
#: and without a warning.
IGNORED = frozenset(
    name.lower()
    for name in (
        *("16bitIDs", "clientaddr", "clientaddrUsesPort", "clientRecvBuf", "clientSendBuf", "serverRecvBuf"),
        *("serverSendBuf", "sendMessageMaxSize", "reverseEncodeBER", "noContextEngineIDDiscovery"),
        *("defTarget", "tsmUseTransportPrefix", "extraX509SubDir", "tlsMinVersion", "tlsMaxVersion"),
        *("sourceFilterType", "sourceFilterAddress"),
        *("persistentDir", "noPersistentLoad", "noPersistentSave", "tempFilePattern"),
        *("doDebugging", "debugTokens", "debugLogLevel", "logTimestamp", "logOption"),
        *("showMibErrors", "mibWarningLevel", "strictCommentTerm", "commentToEOL", "mibAllowUnderline"),
        *("mibReplaceWithLatest",),
        *("sshtosnmpsocket", "sshtosnmpsocketperms", "sshusername", "sshpubkey", "sshprivkey"),
    )
)
