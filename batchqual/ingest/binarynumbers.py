"""Numbers of binary workbooks, old ([MS-XLS], section 2.5.198) and new ([MS-XLSB], section 2.5.123)."""

from __future__ import annotations

from struct import pack, unpack

__all__ = ["double", "short_number"]


def double(content: bytes) -> float:
    """The number in the first eight bytes. Raises struct.error where there are fewer."""
    (number,) = unpack("<d", content[:8])
    return float(number)


def short_number(content: bytes) -> float:
    """The number in the first four bytes: a whole one, or the front half of a double, either perhaps in
    hundredths. Raises struct.error where there are fewer."""
    (raw,) = unpack("<i", content[:4])
    number = float(raw >> 2) if raw & 2 else double(pack("<ii", 0, raw & ~3))
    return number / 100 if raw & 1 else number
