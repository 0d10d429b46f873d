"""Words that the user types as options, read with the same eyes as cells."""

from __future__ import annotations

import codecs
import difflib

from batchqual.model import EducationSegment, Qualification

from .cells import EXAMPLES, read_qualification, read_segment
from .guesses import NAMES
from .reading import FIELDS

__all__ = ["parse_encoding", "parse_mapping", "parse_qualification", "parse_segment"]

_USUAL = "usual ones are utf-8, utf-16, cp1252, cp932, gbk, big5, euc-kr, mac_roman"
_NO_TEXT = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"})
_SPELT = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "shift_jis",
    "windows-1252",
    "gbk", "gb2312", "euc_kr", "cp437", "cp866", "cp874", "cp950", "iso8859-1", "iso8859-15",
    "mac_cyrillic", *NAMES,
)  # fmt: skip


def parse_qualification(text: str) -> Qualification:
    """The qualification that a word means. Raises ValueError with a sentence for a person."""
    value, finding = read_qualification(text)
    if value is None:
        raise ValueError(f"“{text}” {finding.message if finding else ''}. Say {EXAMPLES['qualification']}.")
    return value


def parse_segment(text: str) -> EducationSegment:
    """The education segment that a word means. Raises ValueError with a sentence for a person."""
    value, finding = read_segment(text)
    if value is None:
        raise ValueError(
            f"“{text}” {finding.message if finding else ''}. Say {EXAMPLES['education_segment']}."
        )
    return value


def parse_encoding(text: str) -> str:
    """The encoding that a name means, as Python calls it. Raises ValueError with a sentence for a person."""
    try:
        found = codecs.lookup(text.strip())
        "".encode(found.name)
    except (LookupError, ValueError):
        near = difflib.get_close_matches(_folded(text), _ENCODINGS, n=3, cutoff=0.5)
        offer = f"near ones are {', '.join(_ENCODINGS[name] for name in near)}" if near else _USUAL
        raise ValueError(f"“{text}” is no encoding; {offer}") from None
    if found.name in _NO_TEXT:
        raise ValueError(f"“{text}” is no encoding of spreadsheets; {_USUAL}")
    return found.name


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


_ENCODINGS = {_folded(name): name for name in _SPELT}


def parse_mapping(text: str) -> tuple[str, str]:
    """``FIELD=HEADING`` as field and heading. Raises ValueError with a sentence for a person."""
    field, equals, heading = text.partition("=")
    name = field.strip().lower().replace("-", "_").replace(" ", "_")
    if not equals or not heading.strip():
        raise ValueError(f"“{text}” is not FIELD=HEADING; say for example customer_id=Tenant.")
    if name not in FIELDS:
        raise ValueError(f"“{field.strip()}” is not a field. The fields are {', '.join(FIELDS)}.")
    return name, heading.strip()
