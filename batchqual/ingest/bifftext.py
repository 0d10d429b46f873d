"""Text in old workbooks: names of sheets, number formats, and the lengths of shared texts ([MS-XLS])."""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from

__all__ = ["shared_lengths", "short_text", "text_of_format"]

_RICH, _FAR_EAST, _WIDE = 8, 4, 1


def short_text(content: bytes, *, newer: bool) -> str:
    """Text after a byte that says how long it is; before Excel 97 it was written in a code page."""
    length = content[0] if content else 0
    if not newer:
        return content[1 : 1 + length].decode("cp1252", "replace")
    return _unicode(content[1:], length)


def text_of_format(content: bytes, *, newer: bool) -> str:
    """The number format of a FORMAT record."""
    if not newer:
        return short_text(content[2:], newer=False)
    return _unicode(content[4:], unpack_from("<H", content, 2)[0]) if len(content) >= 5 else ""


def _unicode(content: bytes, length: int) -> str:
    """Text after a byte that says how its letters are written."""
    if content[:1] and content[0] & _WIDE:
        return content[1 : 1 + 2 * length].decode("utf-16-le", "replace")
    return content[1 : 1 + length].decode("latin-1")


def shared_lengths(pieces: list[bytes]) -> Iterator[int]:
    """The length of each shared string. Characters may go on in the next piece, after a byte that says how
    they are written there; all else goes on as it is."""
    if not pieces or len(pieces[0]) < 8:
        return
    (count,) = unpack_from("<I", pieces[0], 4)
    if count > sum(map(len, pieces)):
        raise ValueError("more texts than bytes")
    piece, at = 0, 8
    for _ in range(count):
        while piece < len(pieces) and at >= len(pieces[piece]):
            piece, at = piece + 1, at - len(pieces[piece])
        if piece == len(pieces) or at + 3 > len(pieces[piece]):
            return
        length, flags = unpack_from("<HB", pieces[piece], at)
        yield length
        at += 3
        rest = 0
        if flags & _RICH and at + 2 <= len(pieces[piece]):
            rest += 4 * int(unpack_from("<H", pieces[piece], at)[0])
            at += 2
        if flags & _FAR_EAST and at + 4 <= len(pieces[piece]):
            rest += int(unpack_from("<I", pieces[piece], at)[0])
            at += 4
        while length > (room := (len(pieces[piece]) - at) >> (flags & _WIDE)):
            piece, at, length = piece + 1, 1, length - max(0, room)
            if piece == len(pieces) or not pieces[piece]:
                return
            flags = pieces[piece][0]
        at += (length << (flags & _WIDE)) + rest
