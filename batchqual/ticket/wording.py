"""The packet as text to paste into a ticket, and as a JSON document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from batchqual.ledger import Event, Record
from batchqual.model import mask_code
from batchqual.telemetry import neutral, redacted

from .packet import Packet, Story

__all__ = ["document_of", "text_of"]

_RECONSTRUCTED = (
    "What was sent is made again from the record; a validation code shows its last two characters alone."
)
_ALLOWED = 3


def text_of(packet: Packet) -> str:
    """The packet for a person: plain lines, times in UTC."""
    return "".join(f"{line}\n" for line in _lines(packet))


def document_of(packet: Packet) -> dict[str, object]:
    """The packet for a program."""
    return {
        "written_at": _moment(packet.written_at),
        "program": packet.program,
        "about": packet.about,
        "customer_id": packet.customer_id,
        "education_attempts": packet.attempts,
        "requests": [_document_of_story(story) for story in packet.stories],
    }


def _lines(packet: Packet) -> Iterator[str]:
    yield "batchqual support packet"
    yield from _table(
        ("Written", _moment(packet.written_at)),
        ("Program", packet.program),
        ("About", packet.about),
        ("Customer", packet.customer_id),
        ("Education attempts", f"{packet.attempts} of {_ALLOWED}, by this ledger"),
    )
    for number, story in enumerate(packet.stories, 1):
        yield ""
        heading = f"Request {number} of {len(packet.stories)}: {story.record.qualification.value}"
        yield heading
        yield "-" * len(heading)
        yield from _story(story)


def _story(story: Story) -> Iterator[str]:
    yield from _table(*((name, _safe(story.record, value)) for name, value in _facts(story)))
    yield ""
    if story.sent is None:
        yield "Nothing was submitted: it never left this machine, or was found at the service."
    else:
        yield f"Submission, by the contract {story.sent.contract}. {_RECONSTRUCTED}"
        yield f"  {story.sent.method} {story.sent.url}"
        yield f"  MS-RequestId: {story.record.request_id or '-'}"
        yield f"  MS-CorrelationId: {_safe(story.record, story.record.correlation_id or '-')}"
        yield f"  {neutral(story.sent.body)}"
    yield ""
    yield "History (UTC)"
    for event in story.events:
        yield f"  {_safe(story.record, _line_of(event))}"


def _facts(story: Story) -> Iterator[tuple[str, object]]:
    record = story.record
    yield from {
        "Service": record.origin,
        "Partner tenant": record.partner,
        "Customer tenant": record.customer_id,
        "Segment": record.segment.value if record.segment else None,
        "State": record.state.value.replace("_", " "),
        "MS-RequestId": record.request_id,
        "MS-CorrelationId": record.correlation_id,
        "Follows MS-RequestId": story.predecessor.request_id if story.predecessor else None,
        "Follows": _found_before(story.predecessor),
        "Times sent": record.sends,
        "First sent": record.submitted_at,
        "Answered": record.answered_at,
        "HTTP status": record.http_status,
        "Error code": record.error_code,
        "Error message": record.error_message,
        "Vetting status": record.vetting_status,
        "Vetting reason": record.vetting_reason,
        "Vetting created": record.vetting_created_raw,
        "Settled": record.settled_at,
        "Looks": record.polls,
        "Last look": record.last_look_at,
    }.items()


def _found_before(predecessor: Record | None) -> str | None:
    """In words what was never submitted from here, and has no request ID therefore."""
    if predecessor is None or predecessor.request_id is not None:
        return None
    return f"{predecessor.vetting_status or 'a qualification'}, found at the service, not submitted from here"


def _table(*rows: tuple[str, object]) -> Iterator[str]:
    shown = [(name, value) for name, value in rows if value not in (None, "")]
    width = max(len(name) for name, _ in shown)
    for name, value in shown:
        yield f"{name:<{width}}  {_moment(value) if isinstance(value, datetime) else value}"


def _line_of(event: Event) -> str:
    change = event.after if event.before is None else f"{event.before} to {event.after}"
    facts = {
        "HTTP": event.http_status,
        "code": event.error_code,
        "request": event.request_id,
        "correlation": event.correlation_id,
        "run": event.run_id,
    }
    said = "".join(f"; {name} {value}" for name, value in facts.items() if value is not None)
    note = f"; {event.note}" if event.note else ""
    return f"{_moment(event.at)} {event.event} ({change}){said}{note}"


def _document_of_story(story: Story) -> dict[str, object]:
    record = story.record
    facts = {name.lower().replace(" ", "_").replace("-", "_"): value for name, value in _facts(story)}
    return {
        "qualification": record.qualification.value,
        **{name: _plain(record, value) for name, value in facts.items()},
        "submission": None
        if story.sent is None
        else {
            "reconstructed": True,
            "contract": story.sent.contract,
            "method": story.sent.method,
            "url": story.sent.url,
            "body": story.sent.body,
        },
        "history": [
            {
                "at": _moment(event.at),
                "event": event.event,
                "before": event.before,
                "after": event.after,
                "run_id": event.run_id,
                "request_id": _plain(record, event.request_id),
                "correlation_id": _plain(record, event.correlation_id),
                "http_status": event.http_status,
                "error_code": _plain(record, event.error_code),
                "note": _plain(record, event.note),
            }
            for event in story.events
        ],
    }


def _plain(record: Record, value: object) -> object:
    return _safe(record, value) if isinstance(value, str) else _stamped(value)


def _stamped(value: object) -> object:
    return _moment(value) if isinstance(value, datetime) else value


def _safe(record: Record, value: object) -> object:
    """Text on one line without secrets, the request's own validation code among them."""
    if not isinstance(value, str):
        return value
    if record.validation_code:
        code = re.escape(record.validation_code)
        # not in the middle of an ID, which has to stay whole
        value = re.sub(rf"(?<![\w-]){code}(?![\w-])", mask_code(record.validation_code), value)
    return neutral(redacted(value))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
