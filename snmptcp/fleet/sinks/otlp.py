"""The OTLP sink: samples as metrics of OpenTelemetry, sent to a collector over HTTP.

Contains: the sink's arguments, and what it asks for at once.  Does not contain: which metrics samples become
(:mod:`snmptcp.fleet.sinks.otlp_points`) and how they are sent (:mod:`snmptcp.fleet.sinks.otlp_sender`).
"""

from __future__ import annotations

import os
import urllib.parse
from typing import TYPE_CHECKING

from snmptcp.arguments import FLAG, MIB, PATH, SECONDS, TEXT, Kind, check_arguments, optional
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.sinks.otlp_points import PointMaker
from snmptcp.fleet.sinks.sink import BlockingSink
from snmptcp.fleet.sinks.units import ucum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from snmptcp.fleet.sample import Poll
    from snmptcp.fleet.sinks.otlp_sender import Sender
    from snmptcp.mib.mib import Mib

__all__ = ("OtlpSink",)


def _is_texts(value: object) -> bool:
    """Whether something is a mapping of texts to texts."""
    try:
        items = dict(value).items()  # type: ignore[call-overload]  # a TypeError is caught
    except (TypeError, ValueError):
        return False
    return all(isinstance(name, str) and isinstance(each, str) for name, each in items)


_TEXTS = Kind("a mapping of names to text", _is_texts)

_KINDS = {
    "endpoint": optional(TEXT),
    "headers": optional(_TEXTS),
    "timeout": optional(SECONDS),
    "compression": optional(TEXT),
    "certificate_file": optional(PATH),
    "client_certificate_file": optional(PATH),
    "client_key_file": optional(PATH),
    "resource": optional(_TEXTS),
    "mib": optional(MIB),
    "texts": FLAG,
}

_COMPRESSIONS = ("none", "gzip", "deflate")


class OtlpSink(BlockingSink):
    """Sends samples to a collector as metrics of OpenTelemetry, by OTLP over HTTP.

    ``docs/fleets.md`` describes the metrics.  What is not given is read from the environment
    (``OTEL_EXPORTER_OTLP_ENDPOINT`` and so on), as by OpenTelemetry's own exporters.

    It needs OpenTelemetry's exporter: ``pip install 'snmptcp[otlp]'``.

    Args:
        endpoint: the collector's URL for metrics, with its path: ``"http://collector:4318/v1/metrics"``; by default
            that of the environment, or port 4318 of this machine.
        headers: headers of each request, such as ``{"Authorization": "Bearer ..."}``.
        timeout: how long a request may take, in seconds, more than 0; by default 10.
        compression: ``"none"`` (the default), ``"gzip"`` or ``"deflate"``.
        certificate_file: the authorities of the collector's certificate (PEM); by default those that requests has.
        client_certificate_file: our certificate for the collector (PEM).
        client_key_file: the key of that certificate (PEM).
        resource: attributes of the resource, besides those of the environment; ``service.name`` is ``snmptcp`` if
            nothing else says so.
        mib: the fleet's :class:`snmptcp.mib.Mib`, for the units of metrics; optional.
        texts: whether values that are no numbers have metrics, with the text as an attribute.

    Raises:
        ConfigurationError: an argument is out of range, or the exporter is not installed.
        ConnectionError: the collector has not taken a batch; the fleet tries again.
    """

    name = "otlp"

    def __init__(
        self,
        endpoint: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        compression: str | None = None,
        certificate_file: str | os.PathLike[str] | None = None,
        client_certificate_file: str | os.PathLike[str] | None = None,
        client_key_file: str | os.PathLike[str] | None = None,
        resource: Mapping[str, str] | None = None,
        mib: Mib | None = None,
        texts: bool = True,
    ) -> None:
        check_arguments(_KINDS, locals())
        _check_endpoint(endpoint)
        if timeout is not None and not 0 < timeout < float("inf"):
            raise ConfigurationError(f"timeout is a number of seconds above 0, not {timeout}")
        if compression is not None and compression not in _COMPRESSIONS:
            raise ConfigurationError(f"compression is one of {', '.join(_COMPRESSIONS)}, not {compression!r}")
        if client_key_file is not None and client_certificate_file is None:
            raise ConfigurationError("a client_key_file needs a client_certificate_file")
        files = {
            "certificate_file": certificate_file,
            "client_certificate_file": client_certificate_file,
            "client_key_file": client_key_file,
        }
        for name, path in files.items():
            if path is not None and not os.access(path, os.R_OK):
                raise ConfigurationError(f"the {name} {os.fspath(path)} does not exist or cannot be read")
        super().__init__()
        self._mib = mib
        self._units: dict[str, str] = {}
        self._points = PointMaker(self._units, texts=texts)
        self._sender = _sender_class()(
            endpoint=endpoint,
            headers=headers,
            timeout=timeout,
            compression=compression,
            resource={} if resource is None else resource,
            **{name: None if path is None else os.fspath(path) for name, path in files.items()},
        )

    @property
    def refused(self) -> int:
        """How many points the collector has refused for good: they are not sent again."""
        return self._sender.refused

    async def write(self, polls: Sequence[Poll]) -> None:
        """Send a batch."""
        if self._mib is not None:
            self._learn_units(self._mib, polls)
        await super().write(polls)

    def write_now(self, polls: Sequence[Poll]) -> None:
        """Send a batch; what is sent of it twice after a failure is the same."""
        points = self._points.points(polls)
        if points:
            self._sender.send(points)
        self._points.keep()

    async def aclose(self) -> None:
        """Give up what is being sent, and close the connection."""
        self._sender.close()
        await super().aclose()

    def _learn_units(self, mib: Mib, polls: Sequence[Poll]) -> None:
        """Find the units of objects that are new, in the event loop's thread: a Mib belongs to one."""
        for poll in polls:
            for sample in poll.samples:
                name = sample.name
                if name not in self._units and name[:1].isalpha():
                    node = mib.object_of(sample.oid)
                    self._units[name] = "" if node is None else ucum(node.units)


def _check_endpoint(endpoint: str | None) -> None:
    """Refuse what is no URL.

    Raises:
        ConfigurationError: it is none; the text does not show a password in it.
    """
    if endpoint is None:
        return
    try:
        parts = urllib.parse.urlsplit(endpoint)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        shown = endpoint.rpartition("@")[2]
        raise ConfigurationError(f"endpoint is a URL such as http://collector:4318/v1/metrics, not {shown!r}")


def _sender_class() -> type[Sender]:
    """Return what sends.

    Raises:
        ConfigurationError: OpenTelemetry's exporter is not installed.
    """
    try:
        from snmptcp.fleet.sinks.otlp_sender import Sender  # noqa: PLC0415 - it needs the exporter
    except ImportError as error:
        raise ConfigurationError("the OTLP sink needs OpenTelemetry's exporter: pip install 'snmptcp[otlp]'") from error
    return Sender
