"""What ``snmp.conf`` says, as typed data.

Contains: :class:`SnmpConf`, and :func:`read_snmp_conf`, which reads it from all files.  Does not contain: what a
command makes of it, nor printing what is wrong with the files: that is :attr:`SnmpConf.problems`.

``None`` means that no file says anything about a value.  The parts that only some commands need stand together:

* :class:`KeyConf`: protocols, passwords and keys of the user;
* :class:`TlsConf`: certificates;
* :class:`MibConf`: modules, where they are, and how values are checked (``-m``, ``-M``, ``-I``);
* :class:`PrintingConf`: how values are printed (``-O``); its ``letters`` are those of ``-O`` that mean the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from snmptcp.cautions import caution_about_file
from snmptcp.cli.configuration.files import Line, Problem, read_host_lines, read_inline, read_lines
from snmptcp.cli.configuration.tokens import IGNORED, TOKENS
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snmptcp.credentials import AuthProtocol, PrivProtocol, SecurityLevel

__all__ = ("KeyConf", "MibConf", "PrintingConf", "SnmpConf", "TlsConf", "read_snmp_conf")


@dataclass(frozen=True, slots=True)
class KeyConf:
    """The protocols, passwords and keys of an SNMPv3 user.

    Attributes:
        auth_protocol: defAuthType.
        priv_protocol: defPrivType.
        passphrase: defPassphrase, for both if there is no other.
        auth_passphrase: defAuthPassphrase.
        priv_passphrase: defPrivPassphrase.
        auth_key: defAuthMasterKey.
        priv_key: defPrivMasterKey.
        auth_localized_key: defAuthLocalizedKey.
        priv_localized_key: defPrivLocalizedKey.
    """

    auth_protocol: AuthProtocol | None = None
    priv_protocol: PrivProtocol | None = None
    passphrase: bytes | None = field(default=None, repr=False)
    auth_passphrase: bytes | None = field(default=None, repr=False)
    priv_passphrase: bytes | None = field(default=None, repr=False)
    auth_key: bytes | None = field(default=None, repr=False)
    priv_key: bytes | None = field(default=None, repr=False)
    auth_localized_key: bytes | None = field(default=None, repr=False)
    priv_localized_key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TlsConf:
    """Certificates for TLS: files, fingerprints, or names in net-snmp's folders.

    Attributes:
        our_identity: localCert.
        their_identity: peerCert.
        trust_certs: trustCert; there can be several.
        crl_file: x509CRLFile.
        algorithms: tlsAlgorithms, OpenSSL's list of ciphers.
    """

    our_identity: str | None = None
    their_identity: str | None = None
    trust_certs: tuple[str, ...] = ()
    crl_file: str | None = None
    algorithms: str | None = None


@dataclass(frozen=True, slots=True)
class MibConf:
    """MIB modules.

    Attributes:
        mibs: values of ``-m``, to apply in this order: ``IF-MIB:IP-MIB`` replaces what is loaded by default (``:``
            by nothing), ``+IF-MIB`` and ``-IF-MIB`` add to it.
        mibdirs: values of ``-M``, in the same way.
        mibfiles: files with modules to load, too.
        no_range_check: noRangeCheck: ``-Ir``.
        no_display_hint: noDisplayHint: ``-Ih``.
    """

    mibs: tuple[str, ...] = ()
    mibdirs: tuple[str, ...] = ()
    mibfiles: tuple[str, ...] = ()
    no_range_check: bool | None = None
    no_display_hint: bool | None = None


@dataclass(frozen=True, slots=True)
class PrintingConf:
    """How names and values are printed; each attribute is a letter of ``-O``.

    Attributes:
        oid_format: printNumericOids, oidOutputFormat, suffixPrinting, the last of them: the letter ``n``, ``s``,
            ``S``, ``f`` or ``u``; ``none`` for no names; ``""`` for the default.
        numeric_enums: ``e``.
        numeric_indexes: ``b``.
        escape_quotes: ``E``.
        extended_index: ``X``.
        quick: ``q``.
        values_only: ``v``.
        no_units: ``U``.
        plain_ticks: ``t``.
        text_behind_hex: ``T``.
        hex_length: hexOutputLength: octets in a line of hex; 0 for all.
        precision: outputPrecision.
    """

    oid_format: str | None = None
    numeric_enums: bool | None = None
    numeric_indexes: bool | None = None
    escape_quotes: bool | None = None
    extended_index: bool | None = None
    quick: bool | None = None
    values_only: bool | None = None
    no_units: bool | None = None
    plain_ticks: bool | None = None
    text_behind_hex: bool | None = None
    hex_length: int | None = None
    precision: str | None = None

    @property
    def letters(self) -> str:
        """The letters of ``-O`` that mean the same; they do not tell the precision, the length, and ``none``."""
        flags = {
            "e": self.numeric_enums,
            "b": self.numeric_indexes,
            "E": self.escape_quotes,
            "X": self.extended_index,
            "q": self.quick,
            "v": self.values_only,
            "U": self.no_units,
            "t": self.plain_ticks,
            "T": self.text_behind_hex,
        }
        form = "" if self.oid_format in {None, "none"} else str(self.oid_format)
        return form + "".join(letter for letter, given in flags.items() if given)


@dataclass(frozen=True, slots=True)
class SnmpConf:
    """The values of all files.

    Attributes:
        version: defVersion: ``1``, ``2c`` or ``3``.
        community: defCommunity.
        user: defSecurityName.
        level: defSecurityLevel.
        security_model: defSecurityModel: ``usm`` or ``tsm``.
        context: defContext.
        keys: the user's protocols and keys.
        port: defaultPort.
        domains: defDomain: pairs of an application (``snmp``, ``snmptrap``) and ``tcp``, ``tlstcp``, or ``""`` for a
            transport that is not ours; the last pair of an application counts.
        address: transport, the address to connect to instead of the name of the host.
        aliases: alias: pairs of a name and an address; the last pair of a name counts.
        timeout: timeout, in seconds.
        retries: retries.
        dump: dumpPacket.
        ignore_hosts: dontLoadHostConfig.
        no_token_warnings: noTokenWarnings.
        disable_v1: disableSNMPv1.
        disable_v2c: disableSNMPv2c.
        disable_v3: disableSNMPv3.
        tls: certificates.
        mib: MIB modules.
        printing: how values are printed.
        problems: the lines that cannot be used.
    """

    version: str | None = None
    community: bytes | None = field(default=None, repr=False)
    user: str | None = None
    level: SecurityLevel | None = None
    security_model: str | None = None
    context: bytes | None = None
    keys: KeyConf = KeyConf()
    port: int | None = None
    domains: tuple[tuple[str, str], ...] = ()
    address: str | None = None
    aliases: tuple[tuple[str, str], ...] = ()
    timeout: int | None = None
    retries: int | None = None
    dump: bool | None = None
    ignore_hosts: bool | None = None
    no_token_warnings: bool | None = None
    disable_v1: bool | None = None
    disable_v2c: bool | None = None
    disable_v3: bool | None = None
    tls: TlsConf = TlsConf()
    mib: MibConf = MibConf()
    printing: PrintingConf = PrintingConf()
    problems: tuple[Problem, ...] = ()


#: The parts of SnmpConf that are dataclasses of their own.
_PARTS: dict[str, type] = {"keys": KeyConf, "tls": TlsConf, "mib": MibConf, "printing": PrintingConf}


def read_snmp_conf(*, inline: Sequence[str] = (), host: str | None = None, files: bool = True) -> SnmpConf:
    """Read the files of the system and the user.

    Args:
        inline: settings of the command line, ``TOKEN=VALUE``, which override those of the files.
        host: the agent as the command line names it, if it has a file of its own, ``hosts/HOST.conf``.
        files: whether to read files at all.

    Returns:
        The values.  A file that is not there or cannot be read counts as empty.

    Raises:
        ConfigurationError: an inline setting cannot be used.
    """
    overriding = _Collected()
    for text in inline:
        overriding.add_inline(text)
    collected = _Collected()
    if files:
        collected.add_all(read_lines())
        ignores_hosts = (collected.values | overriding.values).get("ignore_hosts")
        if host and not ignores_hosts:
            collected.add_all(read_host_lines(host), of_host=True)
    for text in inline:
        collected.add_inline(text)
    return collected.result()


class _Collected:
    """Settings that are put together, and what is wrong with them."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._problems: dict[Problem, None] = {}  # in order, each once: a file can be included twice

    def add_all(self, found: Iterable[Line | Problem], *, of_host: bool = False) -> None:
        """Add the settings of files, those of all agents or of one."""
        for one in found:
            problem = self._add(one, of_host=of_host) if isinstance(one, Line) else one
            if problem is not None:
                self._problems.setdefault(problem)

    def add_inline(self, text: str) -> None:
        """Add a setting of the command line.

        Raises:
            ConfigurationError: it cannot be used.
        """
        one = read_inline(text)
        problem = self._add(one) if isinstance(one, Line) else one
        if problem is not None:
            raise ConfigurationError(f"{problem.place}: {problem.text}")

    def _add(self, line: Line, *, of_host: bool = False) -> Problem | None:
        token = TOKENS.get(line.token.lower())
        if token is None or (token.of_hosts and not of_host):
            known = line.token.lower() in IGNORED
            return None if known else Problem(line.place, f"Unknown token: {line.token}.", unknown=True)
        if token.secret and line.place.line:
            caution_about_file(line.place.file, "the passwords in")
        try:
            value = token.parse(line.value)
        except ConfigurationError as error:
            return Problem(line.place, f"{token.name}: {error}")
        if token.adds:
            before = self.values.get(token.field, ())
            replaces = token.name in {"mibs", "mibdirs"} and line.value[0] not in "+-"
            self.values[token.field] = (value,) if replaces else (*before, value)
        elif value is not None:
            self.values[token.field] = value
        return None

    def result(self) -> SnmpConf:
        """Return the values, and what is wrong; unknown tokens only if they are to be told."""
        own: dict[str, Any] = {name: value for name, value in self.values.items() if "." not in name}
        for part, kind in _PARTS.items():
            start = f"{part}."
            own[part] = kind(**{k.removeprefix(start): v for k, v in self.values.items() if k.startswith(start)})
        silent = bool(own.get("no_token_warnings"))
        problems = tuple(problem for problem in self._problems if not (silent and problem.unknown))
        return SnmpConf(**own, problems=problems)
