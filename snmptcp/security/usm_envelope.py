"""What surrounds the changing parts of a USM message: everything but msgID, digest, salt and msgData.

Contains: encoding the header and the security parameters, which change once a second at most, and putting a message
together (RFC 3414 section 3.1, steps 4 to 9).
Does not contain: reading messages (:mod:`snmptcp.security.usm_message`), and whose messages these are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from snmptcp.security.usm_keys import UserKeys

__all__ = ("SECURITY_MODEL", "Envelope")

#: The SnmpSecurityModel of USM (RFC 3411 section 5).
SECURITY_MODEL = 3

#: The size of msgPrivacyParameters: every privacy protocol has a salt of 64 bits.
SALT_SIZE = 8

_VERSION = ber.encode_integer(SnmpVersion.V3)
_MODEL = ber.encode_integer(SECURITY_MODEL)


class Envelope:
    """The messages of one user at one engine while the engine's time stays the same: all but what differs in them.

    It contains no secret.

    Args:
        engine_id: the ID of the authoritative engine.
        boots: its boots.
        time: its time.
        user: the user name.
        max_size: the msgMaxSize.
        flags: the msgFlags.
        mac_size: the size of a digest, in octets; 0 without authentication.
        id_size: the size of a msgID, in octets.

    Attributes:
        boots: as given.
        time: as given.
    """

    __slots__ = (
        "_after_id",
        "_before_id",
        "_before_salt",
        "_flags",
        "_heads",
        "_no_digest",
        "_size",
        "boots",
        "time",
    )

    def __init__(  # noqa: PLR0917 - all that these octets depend on
        self,
        engine_id: bytes,
        boots: int,
        time: int,
        user: bytes,
        max_size: int,
        flags: int,
        mac_size: int,
        id_size: int = 4,
    ) -> None:
        self.boots = boots
        self.time = time
        self._flags = flags
        self._no_digest = bytes(mac_size)
        salt_size = SALT_SIZE if flags & MsgFlags.PRIV else 0
        security = _security_parameters(engine_id, boots, time, user, mac_size, salt_size)
        after_id = ber.encode_integer(max_size) + bytes((ber.OCTET_STRING, 1, flags)) + _MODEL
        global_size = 2 + id_size + len(after_id)
        self._before_id = (
            _VERSION + bytes((ber.SEQUENCE,)) + ber.encode_length(global_size) + bytes((ber.INTEGER, id_size))
        )
        self._after_id = after_id + security[: len(security) - mac_size - salt_size - 2]
        self._before_salt = bytes((ber.OCTET_STRING, salt_size))
        self._size = len(self._before_id) + id_size + len(after_id) + len(security)
        # What depends on the size of msgData: that size, the octets before the msgID, and msgData's own tag and length.
        self._heads = (-1, b"", b"")

    def seal(self, msg_id: bytes, scoped_pdu: bytes, keys: UserKeys) -> bytes:
        """Return a whole message, encrypted and authenticated as its flags say.

        Args:
            msg_id: the contents octets of the msgID, of the size that was given.
            scoped_pdu: the ScopedPDU with its header.
            keys: the user's keys for the engine.

        Raises:
            ConfigurationError: a key is missing for what the flags ask for.
        """
        authenticator, privacy = keys
        # Step 4: encrypt.
        data, salt = scoped_pdu, b""
        if self._flags & MsgFlags.PRIV:
            if privacy is None:
                raise self._no_keys()
            data, salt = privacy.encrypt(scoped_pdu, self.boots, self.time)
        # Steps 5 to 7: everything else.
        data_size, head, data_head = self._heads
        if data_size != len(data):
            head, data_head = self._make_heads(len(data))
        front = b"".join((head, msg_id, self._after_id))
        rest = b"".join((self._before_salt, salt, data_head, data))
        if not self._flags & MsgFlags.AUTH:
            return front + rest
        if authenticator is None:
            raise self._no_keys()
        # Step 8: authenticate.  The digest covers the message with zeros in the digest's place, and replaces them.
        return b"".join((front, authenticator.digest(b"".join((front, self._no_digest, rest))), rest))

    def _make_heads(self, data_size: int) -> tuple[bytes, bytes]:
        """Return the octets before the msgID, and those before the encryptedPDU; they are kept for the next message."""
        data_head = b""
        if self._flags & MsgFlags.PRIV:
            data_head = bytes((ber.OCTET_STRING,)) + ber.encode_length(data_size)
        whole = ber.encode_length(self._size + len(data_head) + data_size)
        head = bytes((ber.SEQUENCE,)) + whole + self._before_id
        self._heads = (data_size, head, data_head)  # at once: threads may share it
        return head, data_head

    def _no_keys(self) -> ConfigurationError:
        return ConfigurationError(f"the user has no keys for a message with msgFlags {int(self._flags)}")


def _security_parameters(engine_id: bytes, boots: int, time: int, user: bytes, mac_size: int, salt_size: int) -> bytes:  # noqa: PLR0917 - in the order on the wire
    """Return msgSecurityParameters, with zeros for digest and salt."""
    fields = (
        ber.tlv(ber.OCTET_STRING, engine_id)
        + ber.encode_integer(boots)
        + ber.encode_integer(time)
        + ber.tlv(ber.OCTET_STRING, user)
        + ber.tlv(ber.OCTET_STRING, bytes(mac_size))
        + ber.tlv(ber.OCTET_STRING, bytes(salt_size))
    )
    return ber.tlv(ber.OCTET_STRING, ber.tlv(ber.SEQUENCE, fields))
