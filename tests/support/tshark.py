"""tshark: whether an independent decoder reads messages as SNMP, and finds nothing wrong with them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple

from tests.support.netsnmp import require_program
from tests.support.pasted import ethernet, ipv4_udp, pcap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tests.support.attacker import User

#: How tshark calls the protocols.
_AUTH = {"MD5": "MD5", "SHA": "SHA1", "SHA-224": "SHA2-224", "SHA-256": "SHA2-256"}
_AUTH |= {"SHA-384": "SHA2-384", "SHA-512": "SHA2-512"}

#: With keys extended as Cisco does: tshark 4.0 knows no other extension.
_PRIV = {"DES": "DES", "AES": "AES", "AES-192-C": "AES192", "AES-256-C": "AES256"}

#: The severity of what is said by the way, such as that a value is noSuchObject; wrong digests are warnings.
_NOTE = 0x400000


class Verdict(NamedTuple):
    """What tshark says about messages.

    Attributes:
        read: how many it read as SNMP, to their end, and found nothing wrong with.
        wrong: the positions of the others, from 0.
        decrypted: how many encrypted ones it decrypted.
    """

    read: int
    wrong: tuple[int, ...]
    decrypted: int


def ask(messages: Sequence[bytes], folder: Path, users: Iterable[User] = ()) -> Verdict:
    """Let tshark read messages of at most 65,000 octets, each in a datagram of its own.

    Args:
        messages: the messages.
        folder: where to write the capture.
        users: whose messages to decrypt.
    """
    program = require_program("tshark", "tshark")
    capture = folder / "messages.pcap"
    capture.write_bytes(b"".join(_capture(messages)))
    fields = (
        "frame.number",
        "_ws.malformed",
        "_ws.expert.severity",
        "snmp.version",
        "snmp.msgVersion",
        "snmp.decrypted_pdu",
    )
    command = [program, "-r", str(capture), "-n", "-T", "fields", "-E", "separator=;", "-E", "occurrence=a"]
    for user in users:
        command += ["-o", f"uat:snmp_users:{_user(user)}"]
    for field in fields:
        command += ["-e", field]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout.splitlines()
    wrong, decrypted = [], 0
    for number, line in enumerate(lines):
        _, malformed, severity, version, msg_version, plain = line.split(";")
        severe = any(int(each, 0) > _NOTE for each in severity.split(",") if each)
        if malformed or severe or not (version or msg_version):
            wrong.append(number)
        decrypted += bool(plain)
    wrong += range(len(lines), len(messages))
    return Verdict(len(messages) - len(wrong), tuple(wrong), decrypted)


def _capture(messages: Sequence[bytes]) -> Iterable[bytes]:
    """Yield a capture in parts: the header, and records."""
    yield pcap([])
    header = len(pcap([]))
    for message in messages:
        yield pcap([ethernet(ipv4_udp(message))])[header:]


def _user(user: User) -> str:
    """Return a user as tshark's table of users has it."""
    words = ("", user.name, _AUTH[user.auth], user.auth_password, _PRIV[user.priv], user.priv_password)
    return ",".join(f'"{word}"' for word in words)
