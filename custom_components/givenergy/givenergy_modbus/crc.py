"""The checksum of the protocol, CRC-16/MODBUS."""

_POLYNOMIAL = 0xA001


def _remainder(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = tuple(_remainder(byte) for byte in range(256))


def crc16(data: bytes) -> int:
    """Return the checksum of ``data``; on the wire its low byte comes first."""
    table = _TABLE
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ table[crc & 0xFF ^ byte]
    return crc
