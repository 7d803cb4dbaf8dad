"""What snmp.yml says, as typed data: how to ask, what to ask for, and what becomes of the answers.

Contains: dataclasses, one for each mapping of the file, with the same names.  Does not contain: reading
(:mod:`snmptcp.exporter.reading`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.exporter.patterns import Pattern

__all__ = (
    "Arcs",
    "Auth",
    "AuthTls",
    "Config",
    "Filter",
    "Index",
    "Labels",
    "Lookup",
    "Metric",
    "Module",
    "RegexExtract",
)

#: An OID, or a part of one.
Arcs: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AuthTls:
    """TLS to agents, for one entry of ``auths``: our own key ``tls``, which snmp_exporter does not have.

    Attributes:
        ca_file: a PEM file with the trusted authorities; ``None`` for the system's.
        certificate: our own certificate, in PEM.
        key: its key; ``None`` if it is in the same file.
        password: the password of the key.
        fingerprints: the certificates that are accepted, instead of authorities.
        server_name: the name that the agent's certificate must have; ``None`` for that of the target.
        accept_common_name: whether the common name of a certificate counts as its name.
        verify: whether the agent is verified.
    """

    ca_file: str | None = None
    certificate: str | None = None
    key: str | None = None
    password: str | None = field(default=None, repr=False)
    fingerprints: tuple[str, ...] = ()
    server_name: str | None = None
    accept_common_name: bool = False
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Auth:
    """One entry of ``auths``: what authenticates requests.

    Attributes:
        version: 1, 2 (which is SNMPv2c) or 3.
        community: of versions 1 and 2.
        security_level: ``noAuthNoPriv``, ``authNoPriv`` or ``authPriv``.
        username: of version 3.
        password: the authentication password.
        auth_protocol: MD5, SHA, SHA224, SHA256, SHA384 or SHA512.
        priv_protocol: DES, AES, AES192, AES192C, AES256 or AES256C.
        priv_password: the privacy password.
        context_name: the context of version 3.
        security_model: ``usm``, or ``tsm`` for certificates in the place of users; our own key.
        tls: TLS for this entry; ``None`` for none, or for what the exporter was started with.
    """

    version: int = 2
    community: str = field(default="public", repr=False)
    security_level: str = "noAuthNoPriv"
    username: str = ""
    password: str = field(default="", repr=False)
    auth_protocol: str = "MD5"
    priv_protocol: str = "DES"
    priv_password: str = field(default="", repr=False)
    context_name: str = ""
    security_model: str = "usm"
    tls: AuthTls | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """One part of the index of a table, which becomes a label.

    Attributes:
        labelname: the label.
        type: how the arcs become text, as for a metric.
        fixed_size: the number of octets of a string of fixed length; 0 if its first arc is its length.
        implied: whether a string has no length and goes to the end.
        enum_values: names of numbers, for ``EnumAsInfo``.
    """

    labelname: str
    type: str
    fixed_size: int = 0
    implied: bool = False
    enum_values: Mapping[int, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Lookup:
    """A label whose value is another variable of the agent; without ``labels``, a label to drop.

    Attributes:
        labels: the labels whose arcs follow the OID.
        labelname: the label.
        oid: the column that has the value.
        type: how the value becomes text.
        enum_values: names of numbers, for ``EnumAsInfo``.
        display_hint: the DISPLAY-HINT of an octet string.
    """

    labels: tuple[str, ...]
    labelname: str
    oid: Arcs = ()
    type: str = ""
    enum_values: Mapping[int, str] = field(default_factory=dict, hash=False)
    display_hint: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """How the arcs behind a metric's OID become labels.  Metrics of one table share it.

    Attributes:
        indexes: the parts of the index.
        lookups: what is looked up with them, in this order.
    """

    indexes: tuple[Index, ...] = ()
    lookups: tuple[Lookup, ...] = ()


@dataclass(frozen=True, slots=True)
class RegexExtract:
    """A number found in a string by a regular expression.

    Attributes:
        regex: matches the whole string.
        value: the number's text, with ``$1`` for groups.
    """

    regex: Pattern
    value: str = "$1"


@dataclass(frozen=True, slots=True)
class Metric:
    """One entry of ``metrics``: what becomes of the variables below an OID.

    Attributes:
        name: the metric's name.
        oid: the object.
        type: how values become numbers or labels.
        help: its HELP text.
        labels: its labels.
        regex_extracts: what is extracted from strings: the end of the new metric's name, and expressions of which the
            first that gives a number counts.
        datetime_pattern: the form of a time, for ``ParseDateAndTime``.
        enum_values: names of numbers or bits.
        scale: what values are multiplied with; 0 for nothing.
        offset: what is added to values after that.
        display_hint: the DISPLAY-HINT of an octet string.
    """

    name: str
    oid: Arcs
    type: str = ""
    help: str = ""
    labels: Labels = Labels()
    regex_extracts: tuple[tuple[str, tuple[RegexExtract, ...]], ...] = ()
    datetime_pattern: str = ""
    enum_values: Mapping[int, str] = field(default_factory=dict, hash=False)
    scale: float = 0.0
    offset: float = 0.0
    display_hint: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A dynamic filter: of some columns, only the rows whose value of another column matches.

    Attributes:
        oid: the column that is read first.
        targets: the columns of which only some rows are read.
        values: expressions, one of which must be found in the value.
    """

    oid: Arcs
    targets: tuple[Arcs, ...] = ()
    values: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Module:
    """One entry of ``modules``: what is asked of an agent, and the metrics that this becomes.

    Attributes:
        name: its name.
        walk: the subtrees to read.
        get: the instances to read.
        metrics: what becomes of them.
        max_repetitions: how many names to ask for in one request; 0 for one at a time, by GETNEXT.
        retries: how often a request is repeated after a lost connection.
        timeout: how long one request may take, in seconds.
        allow_nonincreasing_oids: whether an agent may answer out of order.
        filters: which rows to read.
    """

    name: str
    walk: tuple[Arcs, ...] = ()
    get: tuple[Arcs, ...] = ()
    metrics: tuple[Metric, ...] = ()
    max_repetitions: int = 25
    retries: int = 3
    timeout: float = 5.0
    allow_nonincreasing_oids: bool = False
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """All files of one exporter.

    Attributes:
        auths: the entries of ``auths``, by name.
        modules: the entries of ``modules``, by name.
        document: the files as plain data, without secrets, for showing them.
    """

    auths: Mapping[str, Auth]
    modules: Mapping[str, Module]
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)
