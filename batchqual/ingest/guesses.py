"""A guess at the encoding of a text file that is not Unicode."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from .headings import strong_field

__all__ = ["NAMES", "guesses"]

# What spreadsheet programs write besides Unicode: the code pages of Windows, of Excel's "CSV (MS-DOS)" and of
# the Mac, and a few of Unix; in this order where nothing else decides.
NAMES = {
    "cp1252": "Windows-1252", "cp932": "Shift-JIS", "cp949": "EUC-KR", "gb18030": "GBK", "big5": "Big5",
    "cp1250": "Windows-1250", "cp1251": "Windows-1251", "cp1254": "Windows-1254", "cp1253": "Windows-1253",
    "cp1257": "Windows-1257", "cp1255": "Windows-1255", "cp1256": "Windows-1256", "mac_roman": "Mac Roman",
    "cp850": "DOS 850", "iso8859_2": "ISO 8859-2", "koi8_r": "KOI8-R", "euc_jp": "EUC-JP",
}  # fmt: skip
_ENOUGH = 16 * 1024
_HEAD = 16 * 1024
_HEADING_LINES = 20
_CELL_BEYOND_ASCII = re.compile(rb'[^\x80-\xff,;\t\r\n"]*[\x80-\xff][^,;\t\r\n"]*')
_DELIMITER = re.compile(r'[,;\t|"]+')
_COMMON = frozenset("äöüßéèêëàâçñáíóúõãåæøœîïôûìòù’‘“”–—…·°«»№")
_JAPANESE = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH"})
_KANA = _JAPANESE - {"CJK"}
_STRANGE = {
    "gb18030": _KANA,
    "big5": _KANA,
    "cp949": _JAPANESE,
}  # scripts that are rare in names of the language
_RARE = frozenset("ÝýÞþÐðŢţƒºªŸ")


class _Guess(NamedTuple):
    """What speaks against an encoding, the first reason first."""

    unknown_headings: int
    oddity: float
    place: int
    encoding: str


def guesses(chunks: Iterable[bytes]) -> list[str]:
    """Encodings that the bytes of a file may be in, the likeliest first.

    Names of customers, and headings, are all that hangs on it: what is sent is ASCII.
    """
    from charset_normalizer import from_bytes  # noqa: PLC0415 - only where a file is not Unicode

    head, sample = _head_and_words(chunks)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of short samples
        matches = from_bytes(sample, cp_isolation=list(NAMES))
    likely = {name for match in matches for name in match.could_be_from_charset} | {"cp1252"}
    return [
        guess.encoding for guess in sorted(_guess(head, sample, name) for name in NAMES if name in likely)
    ]


def _head_and_words(chunks: Iterable[bytes]) -> tuple[bytes, bytes]:
    """The first lines, and the cells that are not ASCII: no encoding that is guessed has a delimiter within a
    letter."""
    head = b""
    words: list[bytes] = []
    size = 0
    for chunk in chunks:
        head = head or chunk[:_HEAD]
        for word in _CELL_BEYOND_ASCII.findall(chunk):
            words.append(word)
            size += len(word)
        if size > _ENOUGH:
            break
    return head, b"\n".join(words)[:_ENOUGH]


def _guess(head: bytes, sample: bytes, encoding: str) -> _Guess:
    lines = head.decode(encoding, "replace").splitlines()[:_HEADING_LINES]
    known = max((sum(map(_is_heading, _DELIMITER.split(line))) for line in lines), default=0)
    return _Guess(
        -known, _oddity(sample.decode(encoding, "replace"), encoding), list(NAMES).index(encoding), encoding
    )


def _is_heading(text: str) -> bool:
    return strong_field(text) is not None


def _oddity(text: str, encoding: str) -> float:
    """How unlike names the text is: capitals behind small letters, scripts mixed in one word, marks without a
    letter, names in Russian or Greek that begin small, and letters that are odd."""
    strange = _STRANGE.get(encoding, frozenset())
    odd = 0.5 * sum(name[:1].islower() and _script(name[0]) != "LATIN" for name in text.splitlines())
    for word in text.split():
        scripts = {script for letter in word if (script := _script(letter))}
        odd += 2 * (len(scripts - _JAPANESE) + bool(scripts & _JAPANESE) > 1)
        odd += len(scripts & strange)
        odd += unicodedata.category(word[0])[0] == "M"
        odd += sum(map(_oddity_of, word))
        odd += sum(one.islower() and other.isupper() for one, other in pairwise(word))
    return odd


def _oddity_of(letter: str) -> float:
    if letter.isascii() or letter.lower() in _COMMON:
        return 0.0
    if letter in _RARE:
        return 0.75
    if unicodedata.category(letter)[0] in "LM":
        return {"LATIN": 0.5, "HALFWIDTH": 0.75}.get(_script(letter), 0.0)
    return 1.0


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """The first word of a letter's name: ``LATIN``, ``CYRILLIC``, ``CJK``, ``HANGUL``."""
    return unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
