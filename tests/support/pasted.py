"""Messages as people paste them, and as captures contain them."""

from __future__ import annotations

import base64
import struct

__all__ = (
    "cooked",
    "ethernet",
    "hex_dump",
    "ipv4",
    "ipv4_tcp",
    "ipv4_udp",
    "ipv6_udp",
    "loopback",
    "pasted_forms",
    "pcap",
    "pcapng",
    "tcp",
    "udp",
)


def hex_dump(octets: bytes, offset: str, group: int, between: str, text: str, width: int = 16, middle: int = 0) -> str:
    """Return lines of an offset, octets in hex and their text.

    Args:
        octets: the octets.
        offset: the format of an offset, with what follows it.
        group: how many octets stand together.
        between: what separates the octets from the text.
        text: what surrounds the text, with ``%s`` for it; empty for no text.
        width: octets to a line.
        middle: after so many octets stands another blank.
    """
    lines = []
    for start in range(0, len(octets), width):
        line = octets[start : start + width]
        groups = [line[at : at + group].hex() for at in range(0, len(line), group)]
        words = []
        for number, word in enumerate(groups):
            words.append((" " if middle and number and number * group % middle == 0 else "") + word)
        full = width * 2 + width // group - 1 + (0 if not middle else (width - 1) // middle)
        shown = "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in line)
        digits = " ".join(words)
        lines.append(
            f"{offset % start}{digits:<{full}}{between}{text % shown}" if text else f"{offset % start}{digits}"
        )
    return "\n".join(lines) + "\n"


def pasted_forms(octets: bytes) -> dict[str, str]:
    """Return text with these octets, by the program that prints such text."""
    numbers = ", ".join(f"0x{octet:02x}" for octet in octets)
    escapes = "".join(f"\\x{octet:02x}" for octet in octets)
    halves = escapes[: len(escapes) // 8 * 4], escapes[len(escapes) // 8 * 4 :]
    octal = (
        "".join(f"{start:07o} {octets[start : start + 16].hex(' ')}\n" for start in range(0, len(octets), 16))
        + f"{len(octets):07o}\n"
    )
    net_snmp = hex_dump(octets, "%04d: ", 1, "    ", "%s", middle=4)
    return {
        "tcpdump -x": "12:00:00.000001 IP 192.0.2.1.161 > 192.0.2.2.40000: tcp\n"
        + hex_dump(octets, "\t0x%04x:  ", 2, "  ", ""),
        "tcpdump -X": hex_dump(octets, "\t0x%04x:  ", 2, "  ", "%s"),
        "wireshark": hex_dump(octets, "%04x  ", 1, "   ", "%s", middle=8),
        "wireshark without text": hex_dump(octets, "%04x   ", 1, "", ""),
        "xxd": hex_dump(octets, "%08x: ", 2, "  ", "%s"),
        "xxd -g1 -c8": hex_dump(octets, "%08x: ", 1, "  ", "%s", width=8),
        "hexdump -C": hex_dump(octets, "%08x  ", 1, "  ", "|%s|", middle=8) + f"{len(octets):08x}\n",
        "od -tx1": octal,
        "od -Ax -tx1z": hex_dump(octets, "%06x ", 1, "  ", ">%s<") + f"{len(octets):06x}\n",
        "net-snmp -d": f"\nSending {len(octets)} bytes to TCP: [192.0.2.1]:161->[0.0.0.0]:0\n{net_snmp}\n",
        "quoted in a mail": "".join(f"> {line}\n" for line in hex_dump(octets, "%04x  ", 1, " ", "").splitlines()),
        "C array": f"static const unsigned char packet[{len(octets)}] = {{\n  {numbers} /* end */\n}};\nint n = 5;\n",
        "numbers": numbers,
        "Go": f"[]byte{{{numbers}}}",
        "JSON": f"[{', '.join(map(str, octets))}]",
        "Java": f"{{{', '.join(str(octet - 256 if octet > 127 else octet) for octet in octets)}}}",
        "C string": f'const char *packet = "{halves[0]}"\n    "{halves[1]}";',
        "escapes": escapes,
        "Python": repr(octets),
        "Python's bytearray": repr(bytearray(octets)),
        "Python in a log": f"received {octets!r} from 192.0.2.1",
        "fromhex": f'bytes.fromhex("{octets.hex(" ")}")',
        "Node.js": f"<Buffer {octets.hex(' ')}>",
        "base64": base64.b64encode(octets).decode(),
        "base64 in lines": base64.encodebytes(octets).decode(),
        "digits": octets.hex(),
        "upper case": octets.hex().upper(),
        "colons": octets.hex(":"),
        "blanks": octets.hex(" "),
        "0x": f"0x{octets.hex()}",
        "0x and blanks": " ".join(f"0x{octet:02X}" for octet in octets),
        "lines": "\n".join(octets.hex(" ")[at : at + 24].strip() for at in range(0, len(octets) * 3, 24)),
        "among text": f"the packet was {octets.hex(' ')} and nothing came back",
    }


# ----------------------------------------------------------------------------------------- captures


def udp(octets: bytes, source: int = 40000, destination: int = 161) -> bytes:
    """Return a UDP datagram."""
    return struct.pack(">HHHH", source, destination, 8 + len(octets), 0) + octets


def tcp(octets: bytes, sequence: int = 1, source: int = 40000, destination: int = 161, flags: int = 0x18) -> bytes:
    """Return a TCP segment."""
    return struct.pack(">HHIIBBHHH", source, destination, sequence & 0xFFFFFFFF, 0, 0x50, flags, 8192, 0, 0) + octets


def ipv4(
    payload: bytes, protocol: int, source: str = "192.0.2.1", destination: str = "192.0.2.2", fragment: int = 0
) -> bytes:
    """Return an IPv4 packet."""
    addresses = b"".join(bytes(map(int, address.split("."))) for address in (source, destination))
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 7, fragment, 64, protocol, 0) + addresses + payload


def ipv4_udp(octets: bytes) -> bytes:
    """Return an IPv4 packet with a UDP datagram."""
    return ipv4(udp(octets), 17)


def ipv4_tcp(octets: bytes, sequence: int = 1, flags: int = 0x18) -> bytes:
    """Return an IPv4 packet with a TCP segment."""
    return ipv4(tcp(octets, sequence, flags=flags), 6)


def ipv6_udp(octets: bytes, extension: bytes = b"", following: int = 17) -> bytes:
    """Return an IPv6 packet with a UDP datagram."""
    payload = extension + udp(octets)
    addresses = bytes.fromhex("20010db8000000000000000000000001 20010db8000000000000000000000002".replace(" ", ""))
    return struct.pack(">IHBB", 0x60000000, len(payload), following, 64) + addresses + payload


def ethernet(packet: bytes, kind: int = 0x0800, vlans: int = 0) -> bytes:
    """Return an Ethernet frame."""
    tags = b"".join(struct.pack(">HH", 0x8100, 5) for _ in range(vlans))
    return bytes(range(12)) + tags + struct.pack(">H", kind) + packet


def cooked(packet: bytes) -> bytes:
    """Return a frame of Linux's cooked capture."""
    return bytes(14) + b"\x08\x00" + packet


def loopback(packet: bytes) -> bytes:
    """Return a frame of BSD's loopback."""
    return b"\x02\0\0\0" + packet


def pcap(frames: list[bytes], link: int = 1, order: str = "<", magic: int = 0xA1B2C3D4) -> bytes:
    """Return a capture file."""
    file = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for number, frame in enumerate(frames):
        file += struct.pack(f"{order}IIII", number, 0, len(frame), len(frame)) + frame
    return file


def pcapng(frames: list[bytes], link: int = 1) -> bytes:
    """Return a capture file of the newer format."""

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    file = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", link, 0, 65535))
    for frame in frames:
        file += block(6, struct.pack("<IIIII", 0, 0, 0, len(frame), len(frame)) + frame)
    return file
