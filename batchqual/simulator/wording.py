"""Turns what the world tells into bodies of the chosen shape."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from .names import ENUM, IN_REVIEW, NONE, SNAKE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .people import Code, Sight
    from .rules import Refusal
    from .shapes import DateForm, ErrorForm, NameForm, Shapes, SyncForm

JSON: Final = "application/json"
HTML: Final = "text/html"
TEXT: Final = "text/plain"
PAGE: Final = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
UNKNOWN_STATUS: Final = "AwaitingDocuments"

Entry = dict[str, object]


class Reply(NamedTuple):
    """An answer before it meets the socket. `changed` says that a write took effect with it, `replayed` that
    it is the stored answer to an earlier request with the same id."""

    status: int
    body: bytes = b""
    kind: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    changed: bool = False
    replayed: bool = False
    reason: str | None = None


def dump(value: object) -> bytes:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def listing(sights: Sequence[Sight], shapes: Shapes) -> Reply:
    """The answer to GET .../qualifications."""
    if not sights:
        return _nothing(shapes)
    entries = [_entry(sight, shapes) for sight in sights]
    if shapes.get == "wrapper":
        return Reply(200, dump({"qualifications": entries}))
    if shapes.get == "pascal_array":
        return Reply(200, dump([_pascal(entry) for entry in entries]))
    return Reply(200, dump(entries[0] if shapes.get == "object" and len(entries) == 1 else entries))


def acceptance(sight: Sight, shapes: Shapes) -> Reply:
    """The answer to an accepted POST."""
    entry = _entry(sight, shapes)
    if shapes.post == "wrapper":
        return Reply(200, dump({"qualifications": [entry]}), changed=True)
    if shapes.post == "pascal_array":
        return Reply(200, dump([_pascal(entry)]), changed=True)
    if shapes.post == "empty":
        return Reply(201, changed=True)
    if shapes.post == "html":
        return Reply(200, PAGE, HTML, changed=True)
    return Reply(201, dump(entry), changed=True)


def single(qualification: str, form: SyncForm, *, changed: bool = False) -> Reply:
    """The answer of the synchronous API: one value, bare."""
    if form == "integer":
        return Reply(200, dump(ENUM[qualification]), changed=changed)
    text = SNAKE[qualification] if form == "snake" else qualification.lower()
    return Reply(200, dump(text), changed=changed)


def code_list(codes: Sequence[Code], shapes: Shapes) -> Reply:
    """The answer to GET .../customers/all/validations."""
    entries = [
        {
            "partnerId": "00000000-0000-4000-8000-0000000000aa",
            "organizationName": code.organization,
            "validationId": int(code.code)
            if shapes.code_id == "integer" and code.code.isdigit()
            else code.code,
            "maxCreates": code.max,
            "remainingCreates": code.remaining,
            "eTag": "W/\"datetime'2018-10-10T18%3A49%3A58.727348Z'\"",
        }
        for code in codes
    ]
    return Reply(200, dump(entries))


def error(refusal: Refusal, form: ErrorForm) -> Reply:
    """An error body. Only some forms carry the service's code; none may upset a client."""
    status, code, text = refusal
    number = int(code) if code.isdigit() else 0
    if form in {"text", "html", "empty", "bare_string"}:
        plain = {
            "text": Reply(status, text.encode(), TEXT),
            "html": Reply(status, PAGE, HTML),
            "empty": Reply(status),
            "bare_string": Reply(status, dump(text)),
        }
        return plain[form]
    if form == "status_message":
        return Reply(status, dump({"statusCode": status, "message": text}))
    if form == "error_name":
        name = {"code": number, "message": text, "description": text, "errorName": "SimulatedError"}
        extended = {
            "isRetryable": False,
            "parameters": {},
            "errorMessageExtended": f"InternalErrorCode={code}",
        }
        return Reply(status, dump(name | extended))
    value: object = number if form == "int_code" else code
    return Reply(status, dump({"code": value, "description": text, "data": [], "source": "PartnerSimulator"}))


def stamp(created: float, form: DateForm) -> str:
    """A creation date (seconds since 1970) in one of the documented forms, all UTC."""
    moment = datetime.fromtimestamp(created, UTC)
    if form == "milliseconds":
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if form == "ticks":
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "1+00:00"
    if form == "slashes":
        return moment.strftime("%m/%d/%Y: %H:%M:%S")
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _nothing(shapes: Shapes) -> Reply:
    if shapes.nothing == "not_found":
        return Reply(
            404, dump({"code": "1000", "description": "Not found.", "data": [], "source": "PartnerSimulator"})
        )
    if shapes.nothing == "no_body":
        return Reply(200)
    if shapes.nothing == "null":
        return Reply(200, b"null")
    entries = [{"qualification": NONE}] if shapes.nothing == "none_entry" else []
    return Reply(200, dump({"qualifications": entries} if shapes.get == "wrapper" else entries))


def _entry(sight: Sight, shapes: Shapes) -> Entry:
    date = None if shapes.date == "absent" else stamp(sight.created, shapes.date)
    entry: Entry = {
        "qualification": _name(sight.qualification, shapes.name),
        "vettingStatus": _status(sight.status, shapes),
        "vettingReason": sight.reason,
        shapes.date_key: date if sight.status else None,
    }
    if shapes.nulls:
        return entry
    bare = {key: value for key, value in entry.items() if value is not None}
    return bare | {"vettingStatus": None} if shapes.status == "null" else bare


def _status(status: str | None, shapes: Shapes) -> str | None:
    if status is None or shapes.status in {"absent", "null"}:
        return None
    if shapes.status == "unknown" and status == IN_REVIEW:
        return UNKNOWN_STATUS
    return status.lower() if shapes.status == "lower" else status


def _name(qualification: str, form: NameForm) -> object:
    if form == "integer":
        return ENUM[qualification]
    if form == "snake":
        return SNAKE[qualification]
    return qualification.lower() if form == "lower" else qualification


def _pascal(entry: Entry) -> Entry:
    """Keys as the change log of December 2020 has them, which knows only one spelling of the date."""
    renamed = {key[0].upper() + key[1:]: value for key, value in entry.items()}
    if "VettingCreateDate" in renamed:
        renamed["VettingCreatedDate"] = renamed.pop("VettingCreateDate")
    return renamed
