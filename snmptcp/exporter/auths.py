"""An entry of ``auths`` as the credentials and the TLS of a manager.

Contains: the conversion, and environment variables in the place of secrets.  Does not contain: the fields of the file
(:mod:`snmptcp.exporter.reading`).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from snmptcp.credentials import Community, Tsm, UsmUser
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.exporter.config import Auth, AuthTls
    from snmptcp.exporter.document import Data
    from snmptcp.net.tls.options import TlsOptions

__all__ = ("RELOAD_INTERVAL", "check_tls_files", "credentials_of", "expanded", "tls_of")

#: The fields that may name environment variables, as in snmp_exporter.
_EXPANDED = ("username", "password", "priv_password")

#: How often files of certificates are looked at again, before a handshake, in seconds.
RELOAD_INTERVAL = 10.0

_VARIABLE = re.compile(r"\$(?:(\w+)|\{([^}]*)\})", re.ASCII)


def credentials_of(auth: Auth, context: str = "", engine_id: bytes | None = None) -> Community | UsmUser | Tsm:
    """Return the credentials of requests.

    Args:
        auth: the entry.
        context: the SNMPv3 context, in the place of that of the entry; optional.
        engine_id: the contextEngineID of SNMPv3; optional; default the agent's engine ID.

    Raises:
        ConfigurationError: they cannot work, such as a password that is too short.
    """
    if auth.version != 3:
        return Community(auth.community, "1" if auth.version == 1 else "2c")
    context_name = context or auth.context_name
    if auth.security_model == "tsm":
        return Tsm(context_name, context_engine_id=engine_id)
    authenticates = auth.security_level != "noAuthNoPriv"
    encrypts = auth.security_level == "authPriv"
    return UsmUser(
        auth.username,
        auth.auth_protocol if authenticates else "SHA",
        auth.password if authenticates else None,
        auth.priv_protocol if encrypts else "AES",
        auth.priv_password if encrypts else None,
        context_name,
        context_engine_id=engine_id,
    )


def tls_of(tls: AuthTls) -> TlsOptions:
    """Return the options of TLS of an entry.

    Raises:
        ConfigurationError: they contradict each other, or a file cannot be used.
    """
    from snmptcp.net.tls.options import TlsOptions  # noqa: PLC0415 - most entries have none

    given: dict[str, Any] = {
        "ca_file": tls.ca_file,
        "certificate": tls.certificate,
        "key": tls.key,
        "password": tls.password,
        "fingerprints": tls.fingerprints,
        "server_name": tls.server_name,
        "accept_common_name": tls.accept_common_name,
        "verify": tls.verify,
        "reload_on_change": RELOAD_INTERVAL,
    }
    return TlsOptions(**given)


def check_tls_files(auths: Mapping[str, Auth]) -> None:
    """Check that TLS can work with what entries have for it.

    Raises:
        ConfigurationError: it cannot; a file is not there, for example.
    """
    from snmptcp.net.tls.session import ClientTls  # noqa: PLC0415 - most entries have none

    for name, auth in auths.items():
        if auth.tls is not None:
            try:
                ClientTls(tls_of(auth.tls), "localhost", warn=False)
            except ConfigurationError as error:
                raise ConfigurationError(f"auths.{name}.tls: {error}") from None


def expanded(auth: Data, where: str) -> Data:
    """Return an entry with environment variables (``$NAME``, ``${NAME}``) in the place of their names.

    Args:
        auth: the mapping.
        where: its place, for errors.

    Raises:
        ConfigurationError: a variable is not set.
    """
    if not isinstance(auth, dict):
        return auth
    found: dict[str, Data] = dict(auth)
    for key in _EXPANDED:
        value = found.get(key)
        if isinstance(value, str):
            found[key] = _expand(value, f"{where}.{key}", os.environ)
    return found


def _expand(text: str, where: str, environment: Mapping[str, str]) -> str:
    def value(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if not environment.get(name):
            raise ConfigurationError(f"{where}: the environment variable {name} is not set")
        return environment[name]

    return _VARIABLE.sub(value, text)
