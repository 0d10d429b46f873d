"""One cell at a time: from what people write to what the service wants, or a finding in words.

Every parser takes the cell as the file holds it and gives ``(value, finding)``. Without a value the finding
is an error; with one it is a warning, or None. Nothing is taken out of longer text in silence.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from batchqual.model import Cell, EducationSegment, Qualification, trimmed

from .headings import key
from .letters import clean, narrowed
from .spellings import (
    NOT_SEGMENTS,
    NUMBERED,
    PLACEHOLDERS,
    QUALIFICATIONS,
    SEGMENTS,
    UNSETTABLE,
    is_status,
)

__all__ = [
    "CANONICAL_ID",
    "EXAMPLES",
    "Finding",
    "in_usual_letters",
    "is_empty",
    "plain_text",
    "read_id",
    "read_qualification",
    "read_segment",
    "without_quotes",
    "wrong_kind",
]

T = TypeVar("T")


class Finding(NamedTuple):
    """What is wrong with a cell, or worth a warning: a stable code and a sentence."""

    code: str
    message: str


Read = tuple[T | None, Finding | None]

EXAMPLES = {
    "customer_id": "00000000-0000-4000-8000-000000000017",
    "domain": "contoso.onmicrosoft.com",
    "qualification": "Education, GCC or StateOwnedEntity",
    "validation_code": "123456",
    "education_segment": "K12 or HigherEducation",
    "website": "https://www.school.example",
}

CANONICAL_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch

_ANY_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BARE_HEX = re.compile(r"[0-9a-f]{32}").fullmatch
_GROUPED = re.compile(r"[0-9a-f]*(?:-[0-9a-f]*){2,5}").fullmatch
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+").fullmatch
_LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))
_NO_ID = "00000000-0000-0000-0000-000000000000"

_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣ーｰ"), "-")
_QUOTES = "\"'“”„‟‘’‚‛«»`´"


def is_empty(cell: Cell, field: str) -> bool:
    """Nothing, blanks, or a placeholder. ``None`` in a qualification is a value, and a wrong one."""
    if cell is None or cell == "":
        return True
    if isinstance(cell, str):
        if len(cell) > _LONGEST_PLACEHOLDER and cell[0].isalnum() and cell[-1].isalnum():
            return False
        text = narrowed(clean(cell)).casefold()
        if not text:
            return True
        if text in PLACEHOLDERS:
            return not (text == "none" and field == "qualification")
        return text == "0" and field != "qualification"
    return cell == 0 and not isinstance(cell, bool) and field != "qualification"


def without_quotes(text: str) -> tuple[str, Finding | None]:
    """The text without quotation marks around it, with a warning when there were any."""
    bare = trimmed(text.strip(_QUOTES))
    if bare == text or not bare:
        return text, None
    return bare, Finding("quotes-removed", "stands in quotation marks; it is read without them")


def in_usual_letters(text: str) -> tuple[str, Finding | None]:
    """The text `clean`, in the usual letters and digits and without quotation marks around it, with a warning
    about what was changed so."""
    cleaned = clean(text)
    narrow = trimmed(narrowed(cleaned))
    bare, warning = without_quotes(narrow)
    if narrow == cleaned:
        return bare, warning
    return bare, Finding(
        "full-width", "is written in full-width letters or digits; it is read with the usual ones"
    )


def wrong_kind(cell: Cell, field: str) -> Finding | None:
    """A finding when the cell is a date or a truth value where text belongs."""
    if isinstance(cell, bool):
        return Finding("boolean-cell", f"holds the truth value {str(cell).upper()}; {_name(field)} is text")
    if isinstance(cell, (datetime, date, time, timedelta)):
        return Finding(
            "date-cell", f"holds a date; {_name(field)} is text. Format the column as Text and enter it again"
        )
    return None


def _name(field: str) -> str:
    return field.replace("_", " ")


def read_id(cell: Cell) -> Read[str]:
    """The customer's tenant ID: lower case with hyphens.

    Accepted: any case, braces, ``urn:uuid:`` and ``org:`` before it, blanks around it, typographic hyphens;
    with a warning 32 digits without hyphens, full-width digits, and quotation marks around it.
    """
    if isinstance(cell, str):
        return (cell, None) if CANONICAL_ID(cell) and cell != _NO_ID else _read_id_text(cell)
    finding = wrong_kind(cell, "customer_id")
    return None, finding or Finding(
        "number-in-id",
        "holds a number; the customer's ID is a GUID. Excel keeps 15 digits of a number and rounds the rest:"
        " format the column as Text and paste the ID again",
    )


def _read_id_text(cell: str) -> Read[str]:
    text, warning = in_usual_letters(cell.translate(_HYPHENS))
    text = text.lower()
    for prefix in ("urn:uuid:", "org:"):
        text = text.removeprefix(prefix)
    if text.startswith("{") and text.endswith("}"):
        text = trimmed(text[1:-1])
    if text == _NO_ID:
        return None, Finding("empty-guid", "is the empty GUID, which is nobody's ID")
    if CANONICAL_ID(text):
        return text, warning
    if _BARE_HEX(text) and not text.isdecimal():
        value = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        return value, Finding("hyphens-missing", f"has no hyphens; it is read as {value}")
    return None, _what_is_wrong_with_id(text)


def _what_is_wrong_with_id(text: str) -> Finding:
    if _SCIENTIFIC(text):
        return Finding(
            "scientific-notation",
            "is a number in scientific notation: Excel has replaced the ID, and its digits are lost."
            " Format the column as Text and paste the ID again",
        )
    if text.isdecimal():
        return Finding(
            "number-in-id", "has digits only; the customer's ID is a GUID, the Microsoft ID of the tenant"
        )
    if text.startswith("ord") and _BARE_HEX(text[3:]):
        return Finding("order-id", "is an order number (ORD and 32 digits), not the customer's tenant ID")
    if _GROUPED(text):
        return _uneven_groups(text)
    found = _ANY_ID.findall(text)
    if len(found) == 1:
        return Finding(
            "guid-in-text",
            f"is longer text with a GUID in it; if {found[0]} is the customer's tenant ID, enter it alone",
        )
    return Finding("not-a-guid", "is not a customer ID; the ID is the GUID of the customer's tenant")


def _uneven_groups(text: str) -> Finding:
    lengths = [len(group) for group in text.split("-")]
    wanted = [8, 4, 4, 4, 12]
    shape = "-".join(map(str, lengths))
    if len(lengths) == len(wanted) and lengths[:4] == wanted[:4] and lengths[4] == 13:
        return Finding(
            "thirteen-digits",
            "has 13 digits in its last group instead of 12, as when Excel's fill handle counts up from 9"
            " to 10",
        )
    return Finding(
        "clipped-guid",
        f"has groups of {shape} digits instead of 8-4-4-4-12: a part of the ID is missing or too much",
    )


def read_qualification(cell: Cell) -> Read[Qualification]:
    """The qualification that is wished, by name in any case and punctuation, short name, or number."""
    finding = wrong_kind(cell, "qualification")
    if finding:
        return None, finding
    folded = key(plain_text(cell))
    if folded in QUALIFICATIONS:
        return QUALIFICATIONS[folded], None
    if folded in NUMBERED:
        value = NUMBERED[folded]
        return value, Finding(
            "numbered-qualification", f"is a number of the API's list; it is read as {value.value}"
        )
    if folded in UNSETTABLE:
        return None, Finding(
            "cannot-be-set", f"means {UNSETTABLE[folded]}, which cannot be set: the API has no request for it"
        )
    if is_status(folded):
        return None, Finding("status-not-wish", "is a status, not a wish: it says how vetting stands")
    offered = [name for name, value in QUALIFICATIONS.items() if len(name) > 2 and name in folded]
    hint = ""
    if len({QUALIFICATIONS[name] for name in offered}) == 1:
        hint = f"; if {QUALIFICATIONS[offered[0]].value} is meant, enter that alone"
    return None, Finding("unknown-qualification", f"is not a qualification that can be set{hint}")


def read_segment(cell: Cell) -> Read[EducationSegment]:
    """The segment of an Education customer, in the usual spellings."""
    finding = wrong_kind(cell, "education_segment")
    if finding:
        return None, finding
    folded = key(plain_text(cell))
    if folded in SEGMENTS:
        return SEGMENTS[folded], None
    if folded in NOT_SEGMENTS:
        return None, Finding(
            "neither-segment",
            "is neither K12 nor HigherEducation, and this program does not guess: choose one",
        )
    return None, Finding("unknown-segment", "is not an education segment")


def plain_text(cell: Cell) -> str:
    """A number as it would be written; an integral float has no fraction."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
