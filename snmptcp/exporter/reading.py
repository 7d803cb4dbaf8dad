"""Plain data of an snmp.yml to typed data; what cannot be right is an error that names its place.

Contains: the fields of each mapping, and what they may be.  Does not contain: files (:mod:`snmptcp.exporter.loading`).
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError
from snmptcp.exporter.auths import credentials_of
from snmptcp.exporter.config import Auth, AuthTls, Filter, Index, Labels, Lookup, Metric, Module, RegexExtract
from snmptcp.exporter.dates import check_pattern
from snmptcp.exporter.patterns import Pattern
from snmptcp.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.exporter.document import Data
    from snmptcp.exporter.fields import Section

__all__ = ("METRIC_NAME", "SECRETS", "TYPES", "Reader", "shown_document")

#: The types of metrics, indexes and lookups.
TYPES = (
    "gauge",
    "counter",
    "Float",
    "Double",
    "OctetString",
    "DisplayString",
    "PhysAddress48",
    "InetAddress",
    "InetAddressIPv4",
    "InetAddressIPv6",
    "InetAddressMissingSize",
    "IpAddr",
    "LldpPortId",
    "DateAndTime",
    "ParseDateAndTime",
    "NTPTimeStamp",
    "EnumAsInfo",
    "EnumAsStateSet",
    "Bits",
)
_INDEX_TYPES = (*TYPES, "Integer", "Integer32")

#: The fields of an auth that no error and no page shows.
SECRETS = frozenset(("community", "password", "priv_password"))

_AUTH_PROTOCOLS = ("MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512")
_PRIV_PROTOCOLS = ("DES", "AES", "AES192", "AES192C", "AES256", "AES256C")
_LEVELS = ("noAuthNoPriv", "authNoPriv", "authPriv")

METRIC_NAME = re.compile("[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL_NAME = re.compile("(?!__)[a-zA-Z_][a-zA-Z0-9_]*")

_MAX_REPETITIONS = 0x7FFFFFFF


class Reader:
    """Reads the mappings of one or more files.

    Metrics of one table have equal labels: they share one object, so that a scrape makes the labels of a row once.
    """

    def __init__(self) -> None:
        self._labels: dict[object, Labels] = {}
        self._pattern = functools.lru_cache(maxsize=1024)(Pattern)

    # ------------------------------------------------------------------------------------------ auths

    def auth(self, section: Section) -> Auth:
        """Return an entry of ``auths``.

        Raises:
            ConfigurationError: it is wrong.
        """
        auth = Auth(
            version=section.integer("version", 2, 1, 3),
            community=section.text("community", "public"),
            security_level=section.text("security_level", "noAuthNoPriv"),
            username=section.text("username", ""),
            password=section.text("password", ""),
            auth_protocol=section.text("auth_protocol", "MD5"),
            priv_protocol=section.text("priv_protocol", "DES"),
            priv_password=section.text("priv_password", ""),
            context_name=section.text("context_name", ""),
            security_model=section.choice("security_model", "usm", ("usm", "tsm")),
            tls=self._auth_tls(section.section("tls", secret=frozenset(("password",)))),
        )
        section.end()
        if auth.version == 3 and auth.security_model == "usm":
            self._check_user(section, auth)
        if auth.security_model == "tsm" and auth.version != 3:
            raise section.fault("version", "must be 3 with security_model: tsm")
        try:
            credentials_of(auth)
        except ConfigurationError as error:
            raise section.fault("", str(error)) from None
        return auth

    @staticmethod
    def _check_user(section: Section, auth: Auth) -> None:
        section.choice("security_level", "noAuthNoPriv", _LEVELS)
        if not auth.username:
            raise section.fault("username", "SNMPv3 needs one")
        if auth.security_level != "noAuthNoPriv":
            section.choice("auth_protocol", "MD5", _AUTH_PROTOCOLS)
            if not auth.password:
                raise section.fault("password", f"security_level: {auth.security_level} needs one")
        if auth.security_level == "authPriv":
            section.choice("priv_protocol", "DES", _PRIV_PROTOCOLS)
            if not auth.priv_password:
                raise section.fault("priv_password", "security_level: authPriv needs one")

    @staticmethod
    def _auth_tls(section: Section | None) -> AuthTls | None:
        if section is None:
            return None
        tls = AuthTls(
            ca_file=section.optional_text("ca_file"),
            certificate=section.optional_text("certificate"),
            key=section.optional_text("key"),
            password=section.optional_text("password"),
            fingerprints=section.texts("fingerprints"),
            server_name=section.optional_text("server_name"),
            accept_common_name=section.flag("accept_common_name", default=False),
            verify=section.flag("verify", default=True),
        )
        section.end()
        return tls

    # ---------------------------------------------------------------------------------------- modules

    def module(self, name: str, section: Section) -> Module:
        """Return an entry of ``modules``.

        Raises:
            ConfigurationError: it is wrong.
        """
        for old in ("auth", "version"):
            if old in section.data:
                raise section.fault(
                    old,
                    "this form is older than snmp_exporter 0.23: version and auth belong into auths, beside modules",
                )
        section.flag("use_unconnected_udp_socket", default=False)  # of UDP alone
        module = Module(
            name=name,
            walk=section.arcs_list("walk"),
            get=section.arcs_list("get"),
            metrics=tuple(map(self._metric, section.sections("metrics"))),
            max_repetitions=section.integer("max_repetitions", 25, 0, _MAX_REPETITIONS),
            retries=section.integer("retries", 3, 0, 1000),
            timeout=section.duration("timeout", 5.0),
            allow_nonincreasing_oids=section.flag("allow_nonincreasing_oids", default=False),
            filters=tuple(map(self._filter, section.sections("filters"))),
        )
        section.end()
        return module

    def _metric(self, section: Section) -> Metric:
        name = section.text("name")
        if not METRIC_NAME.fullmatch(name):
            raise section.fault(
                "name", f"must be letters, digits, _ and :, and begin with no digit, not {quoted(name)}"
            )
        metric = Metric(
            name=name,
            oid=section.arcs("oid"),
            type=section.choice("type", "", ("", *TYPES)),
            help=section.text("help", ""),
            labels=self._labels_of(section),
            regex_extracts=self._extracts(name, section.section("regex_extracts")),
            datetime_pattern=section.text("datetime_pattern", ""),
            enum_values=section.names_of_numbers("enum_values"),
            scale=section.number("scale", 0.0),
            offset=section.number("offset", 0.0),
            display_hint=section.text("display_hint", ""),
        )
        section.end()
        if metric.type == "ParseDateAndTime":
            section.parsed("datetime_pattern", metric.datetime_pattern, check_pattern)
        return metric

    def _labels_of(self, section: Section) -> Labels:
        given = (repr(section.data.get("indexes")), repr(section.data.get("lookups")))
        found = self._labels.get(given)
        if found is not None:
            section.skip("indexes", "lookups")
            return found
        found = Labels(
            tuple(map(self._index, section.sections("indexes"))), tuple(map(self._lookup, section.sections("lookups")))
        )
        self._labels[given] = found
        return found

    @staticmethod
    def _index(section: Section) -> Index:
        index = Index(
            labelname=_label_name(section),
            type=section.choice("type", "gauge", _INDEX_TYPES),
            fixed_size=section.integer("fixed_size", 0, 0, 65535),
            implied=section.flag("implied", default=False),
            enum_values=section.names_of_numbers("enum_values"),
        )
        section.end()
        return index

    @staticmethod
    def _lookup(section: Section) -> Lookup:
        labels = section.texts("labels")
        lookup = Lookup(
            labels=labels,
            labelname=_label_name(section),
            oid=section.arcs("oid") if labels else (),
            type=section.choice("type", "", ("", *_INDEX_TYPES)),
            enum_values=section.names_of_numbers("enum_values"),
            display_hint=section.text("display_hint", ""),
        )
        if not labels:
            section.optional_text("oid")
        section.end()
        return lookup

    def _extracts(self, name: str, section: Section | None) -> tuple[tuple[str, tuple[RegexExtract, ...]], ...]:
        if section is None:
            return ()
        found = []
        for suffix in section.data:
            if not METRIC_NAME.fullmatch(f"{name}{suffix}"):
                raise section.fault(suffix, f"{quoted(f'{name}{suffix}')} is no name of a metric")
            found.append((suffix, tuple(map(self._extract, section.sections(suffix)))))
        return tuple(found)

    def _extract(self, section: Section) -> RegexExtract:
        text = section.text("regex", "")
        extract = RegexExtract(
            section.parsed("regex", text, lambda given: self._pattern(given, whole=True)),
            section.text("value", "$1"),
        )
        section.end()
        return extract

    def _filter(self, section: Section) -> Filter:
        found = Filter(
            oid=section.arcs("oid"),
            targets=section.arcs_list("targets"),
            values=tuple(section.parsed("values", text, self._pattern) for text in section.texts("values")),
        )
        section.end()
        return found


def _label_name(section: Section) -> str:
    name = section.text("labelname")
    if not _LABEL_NAME.fullmatch(name):
        raise section.fault("labelname", f"must be letters, digits and _, and begin with no digit, not {quoted(name)}")
    return name


def shown_document(document: Mapping[str, Data]) -> dict[str, Data]:
    """Return a document without its secrets."""
    shown = dict(document)
    auths = document.get("auths")
    if isinstance(auths, dict):
        shown["auths"] = {name: _hidden(auth) for name, auth in auths.items()}
    return shown


def _hidden(auth: Data) -> Data:
    if not isinstance(auth, dict):
        return auth
    return {
        key: "<secret>" if key in SECRETS and value else _hidden(value) if key == "tls" else value
        for key, value in auth.items()
    }
