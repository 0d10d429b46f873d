"""The encoding of a text file: by its byte order mark, the user's word, its bytes, or a guess."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from .badbytes import bad_byte, not_text
from .guesses import NAMES, guesses
from .table import RawTable

__all__ = ["encoding_of"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD = 64 * 1024
_CHUNK = 1 << 20
_PADDING = b"\x00\x1a"  # the end-of-file byte of DOS, and what fills up its last block
_FEW = 4
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_ESCAPED = re.compile("[\udc80-\udcff]")


def encoding_of(stream: BinaryIO, table: RawTable, wanted: str | None) -> str:
    """The encoding in which the whole file is text. ``wanted`` is the user's word; only a byte order mark is
    above it.

    Raises InputError for binary data, and for a file with a byte that is no text, naming its row.
    """
    stream.seek(0)
    head = stream.read(_HEAD)
    marked = _marked(head, table, wanted)
    encoding = marked or (_unmarked(wanted, head) if wanted else _wide(head))
    if encoding is None:
        text = head.rstrip(_PADDING)
        if text.count(0) > len(text) // 100 or _mostly_controls(text):
            raise not_text(table, "it holds binary data")
        encoding = "utf-8" if _mostly_utf8(stream) else _guessed(stream, table)
    if not _decodes(stream, encoding):
        raise bad_byte(stream, table, encoding, marked=marked is not None)
    return encoding


def _marked(head: bytes, table: RawTable, wanted: str | None) -> str | None:
    marked = next((encoding for bom, encoding in _BOMS if head.startswith(bom)), None)
    if marked and wanted and not _shown(wanted).startswith(_shown(marked)):
        table.notice(
            "encoding-ignored",
            f"the file begins with the byte order mark of {_shown(marked)}; --encoding does not apply to it.",
        )
    return marked


def _shown(encoding: str) -> str:
    return encoding.removesuffix("-sig").upper()


def _guessed(stream: BinaryIO, table: RawTable) -> str:
    found = next((name for name in guesses(_chunks(stream)) if _decodes(stream, name)), None)
    if found is None:
        raise bad_byte(stream, table, "utf-8")
    table.notice(
        "encoding",
        f"the file is not UTF-8; its bytes look like {NAMES[found]} ({found}), and it is read as that."
        " If names look wrong, say --encoding NAME, or save it as “CSV UTF-8”.",
    )
    return found


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    return iter(partial(stream.read, _CHUNK), b"")


def _wide(head: bytes) -> str | None:
    """UTF-16 without a byte order mark, as some tools write it: every other byte of plain text is zero."""
    pairs = len(head) // 2
    if pairs < 4:
        return None
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if odd > 0.6 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.6 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return None


def _unmarked(wanted: str, head: bytes) -> str:
    """What the user's word means for a file without a byte order mark: Python's UTF-16 and 32 refuse one."""
    if wanted == "utf-16":
        return _wide(head) or "utf-16-le"
    if wanted == "utf-32":
        return "utf-32-be" if head.startswith(b"\x00\x00") else "utf-32-le"
    return wanted


def _mostly_controls(head: bytes) -> bool:
    controls = sum(head.count(byte) for byte in range(32) if byte not in (0, 9, 10, 11, 12, 13, 27))
    return controls > len(head) // 20


def _decodes(stream: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(stream):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _mostly_utf8(stream: BinaryIO) -> bool:
    """Whether all is UTF-8, or so much of it that the bytes which are not can only be damage."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    sound = spoilt = 0
    for chunk in _chunks(stream):
        for letters in _BEYOND_ASCII.findall(decoder.decode(chunk)):
            escaped = len(_ESCAPED.findall(letters))
            spoilt += escaped
            sound += len(letters) - escaped
    return spoilt == 0 or sound > _FEW * spoilt
