"""Every request body that the service's documents ever printed, and nothing else: a lenient simulator would
let a client's mistake pass.

    [{"Qualification": "Education"}]                          array, change log of December 2020
    1                                                         integer, December 2020 pages (enum in the body)
    {"Qualification": "Education"}                            Pascal object, March 2021
    {"qualification": "Education", "educationSegment": "K12"} camel object, since June 2022
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from .names import NUMBERS, SEGMENTS, canonical

Form = Literal["array", "integer", "pascal", "camel"]
CodeSource = Literal["either", "body", "query"]

_CAMEL = frozenset({"qualification", "educationSegment", "website", "validationCode"})
_PASCAL = frozenset({"Qualification", "EducationSegment", "Website", "ValidationCode"})


class BodyError(ValueError):
    """The body is none of the documented ones. `code` is the service's error code for it."""

    def __init__(self, text: str, code: str = "2000") -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Wish:
    """What a write asks for, in whichever form it came."""

    qualification: str
    form: Form
    segment: str | None = None
    website: str | None = None
    code: str | None = None


def read_wish(raw: bytes, query_code: str | None, source: CodeSource) -> Wish:
    """The wish in a body and the `?code=` beside it; `source` says which of the two codes counts. Raises
    BodyError."""
    if not raw.strip():
        raise BodyError("A request body is required.")
    try:
        data: object = json.loads(raw)
    except ValueError as wrong:
        raise BodyError("The request body is not JSON.") from wrong
    if isinstance(data, list):
        if len(data) != 1 or not isinstance(data[0], dict):
            raise BodyError("The array must hold one object.")
        return _object(data[0], "array", query_code, source)
    if isinstance(data, dict):
        return _object(data, "camel" if "qualification" in data else "pascal", query_code, source)
    return Wish(_number(data), "integer", code=None if source == "body" else query_code)


def _number(data: object) -> str:
    if isinstance(data, bool) or not isinstance(data, int) or data not in NUMBERS:
        raise BodyError(f"{data!r} is not a value of the enum.", "900126")
    return NUMBERS[data]


def _object(data: dict[str, object], form: Form, query_code: str | None, source: CodeSource) -> Wish:
    known = _CAMEL if form == "camel" else _PASCAL
    strange = sorted(set(data) - known)
    if strange:
        raise BodyError(f"Unknown member {strange[0]!r}.", "3000")
    members = {key[0].lower() + key[1:]: _text(key, value) for key, value in data.items()}
    name = canonical(members.get("qualification") or "")
    if name is None:
        raise BodyError("The qualification is not a value of the enum.", "900126")
    segment = members.get("educationSegment")
    if segment is not None and segment not in SEGMENTS:
        raise BodyError("educationSegment must be K12 or HigherEducation.", "3000")
    return Wish(
        name, form, segment, members.get("website"), _code(members.get("validationCode"), query_code, source)
    )


def _text(key: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise BodyError(f"{key} must be a string.", "3000")


def _code(body: str | None, query: str | None, source: CodeSource) -> str | None:
    if source == "body":
        return body
    if source == "query":
        return query
    if body and query and body != query:
        raise BodyError("validationCode and ?code= differ.", "3000")
    return body or query
