"""The head of a message of an engine whose time has not changed since: recognized, not parsed again.

Contains: what the messages of one user and one engine share between msgVersion and msgData, and their context.
Does not contain: parsing (:mod:`snmptcp.codec.message`), and the checks of engine and time, which a message that is
recognized passes as any other (:mod:`snmptcp.security.usm`).
"""

from __future__ import annotations

import functools
from struct import Struct
from typing import TYPE_CHECKING, Any

from snmptcp.codec.message import encode_context
from snmptcp.credentials import SecurityLevel
from snmptcp.errors import SecurityError
from snmptcp.security.model import Opened, Refused
from snmptcp.security.usm_message import check_digest, decrypt_pdu, read_opened_pdu

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.codec.message import V3Header
    from snmptcp.security.model import Origin
    from snmptcp.security.privacy import Privacy
    from snmptcp.security.usm_keys import Authenticator, UserKeys
    from snmptcp.security.usm_message import UsmParameters

__all__ = ("KnownHead", "known_head")

_new_tuple = tuple.__new__


class KnownHead:
    """A head that was parsed, and the octets that it was parsed from.

    Messages with the same octets in the same places have the same header and parameters, for any msgID of four octets,
    and any digest and any salt of the same sizes.

    Args:
        message: an authentic message whose msgGlobalData begins with a msgID of four octets.
        offset: where its msgGlobalData begins.
        header: its header.
        parameters: its security parameters.
        origin: what it tells of its origin.
        authenticator: what its digest was checked with.
        privacy: what it was decrypted with; ``None`` if it was not encrypted.

    Attributes:
        origin: as given.
    """

    __slots__ = (
        "_after_id",
        "_authenticator",
        "_before_id",
        "_before_salt",
        "_context",
        "_digest_at",
        "_privacy",
        "_size",
        "_unpack",
        "origin",
    )

    def __init__(  # noqa: PLR0917 - what an authentic message consists of
        self,
        message: bytes,
        offset: int,
        header: V3Header,
        parameters: UsmParameters,
        origin: Origin,
        authenticator: Authenticator,
        privacy: Privacy | None,
    ) -> None:
        digest_start, salt_size = parameters.auth_start, len(parameters.priv_parameters)
        mac_size = len(parameters.auth_parameters)
        self.origin = origin
        self._authenticator = authenticator
        self._privacy = privacy
        self._digest_at = digest_start - offset
        self._size = header.security_stop - offset
        self._before_id = message[offset : offset + 4]
        self._after_id = message[offset + 8 : digest_start]
        self._before_salt = message[digest_start + mac_size : header.security_stop - salt_size]
        self._unpack = _unpacker(len(self._after_id), mac_size, len(self._before_salt), salt_size)
        self._context = encode_context(origin.context_engine_id, origin.context_name)

    def open(self, message: bytes, offset: int, end: int) -> Opened | None:
        """Return the PDU of a message with this head, if its digest is right; ``None`` if its head is another one.

        Of RFC 3414 section 3.2, steps 1, 4 and 5 have the result that they had for the first such message.

        Args:
            message: the message.
            offset: where its msgGlobalData begins.
            end: where it ends.

        Raises:
            Refused: the digest is wrong, or the message cannot be decrypted.
            DecodeError: its msgData is malformed.
        """
        start = offset + self._size
        if start > end:
            return None
        before_id, msg_id, after_id, digest, before_salt, salt = self._unpack(message, offset)
        if (
            after_id != self._after_id
            or before_id != self._before_id
            or before_salt != self._before_salt
            or msg_id > 0x7FFFFFFF
        ):
            return None
        origin, privacy = self.origin, self._privacy
        try:
            # Step 6: the digest.
            check_digest(message, offset + self._digest_at, digest, self._authenticator)
            # Step 8: decrypt.
            data = message
            if privacy is not None:
                data = decrypt_pdu(message, start, end, privacy, origin.boots, origin.time, salt)
                start, end = 0, len(data)
            pdu = start + 2 + len(self._context)
            if data.startswith(self._context, start + 2) and data[start] == 0x30 and data[start + 1] < 0x80:
                # Fast path: a length in one octet, and the same context.
                stop = start + 2 + data[start + 1]
                if pdu <= stop and (stop == end or (stop < end and privacy is not None)):  # padding may follow
                    return _new_tuple(Opened, (data, pdu, stop, msg_id, origin))
            engine_id, name, pdu, stop = read_opened_pdu(data, start, end, encrypted=privacy is not None)
        except SecurityError as reason:
            raise Refused(reason, msg_id) from reason
        if engine_id != origin.context_engine_id or name != origin.context_name:
            origin = origin._replace(context_engine_id=engine_id, context_name=name)
        return _new_tuple(Opened, (data, pdu, stop, msg_id, origin))


def known_head(  # noqa: PLR0917 - what an authentic message consists of
    message: bytes, offset: int, header: V3Header, parameters: UsmParameters, origin: Origin, keys: UserKeys
) -> KnownHead | None:
    """Return what is known of the messages behind an authentic one; ``None`` if its msgID has not the usual form.

    Args:
        message: the message.
        offset: where its msgGlobalData begins.
        header: its header.
        parameters: its security parameters.
        origin: what it tells of its origin.
        keys: the keys that it was opened with.
    """
    usual = message[offset + 1] < 0x80 and message[offset + 2 : offset + 4] == b"\x02\x04"
    if not usual or keys.authenticator is None:
        return None
    privacy = keys.privacy if origin.level == SecurityLevel.authPriv else None
    return KnownHead(message, offset, header, parameters, origin, keys.authenticator, privacy)


@functools.lru_cache(maxsize=64)
def _unpacker(after_id: int, digest: int, before_salt: int, salt: int) -> Callable[[bytes, int], tuple[Any, ...]]:
    """Return what takes a head apart, by the sizes of its parts."""
    return Struct(f">4sI{after_id}s{digest}s{before_salt}s{salt}s").unpack_from
