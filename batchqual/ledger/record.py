"""One request as the ledger remembers it, and what may change about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypedDict

from batchqual.model import Cell, EducationSegment, Qualification, QualificationRequest, Wish

from .cells import decode_cells
from .damage import sense_expected
from .transitions import LIVE, State

__all__ = ["EVER", "MAX_SENDS", "Changes", "Event", "KnownDomain", "NewRequest", "Record", "blank_record"]

EVER = datetime.min.replace(tzinfo=UTC)
"""Before anything that was stored."""

MAX_SENDS = 3
"""How often one request may be sent in all, the first time included."""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A wish that is to be remembered, and the input row that it came from.

    ``columns`` and ``values`` are the user's own headings and cells, aligned. ``predecessor`` is the
    `Record.id` of the request for the same wish that this one follows (denied, refused or reverted).
    """

    origin: str
    partner: str
    request: QualificationRequest
    source: str = ""
    row: int = 0
    columns: tuple[str, ...] = ()
    values: tuple[Cell, ...] = field(default=(), repr=False)
    predecessor: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A request and what has become of it. All times are UTC.

    ``revision`` counts the changes: a change made from an outdated copy is refused, never merged. ``adopted``
    says that we found it at the service and never submitted it. ``sends`` counts the times that it left or
    may have left (0 to 3), but for those known not to have arrived; ``submitted_at`` is the first of them.
    ``vetting_status`` is the service's own spelling, ``vetting_created_raw`` its date as text. ``shown_at``
    says when a look last showed it; ``unconfirmed_since`` since when looks have contradicted what stands
    here, which one alone does not change. ``row_json`` holds the user's cells; read it through `input`.
    """

    id: int
    revision: int
    origin: str
    partner: str
    customer_id: str
    qualification: Qualification
    segment: EducationSegment | None
    website: str | None
    validation_code: str | None = field(repr=False)
    state: State
    adopted: bool
    sends: int
    answered_sends: int
    request_id: str | None
    correlation_id: str | None
    predecessor: int | None
    enrolled_at: datetime
    submitted_at: datetime | None
    answered_at: datetime | None
    settled_at: datetime | None
    vetting_status: str | None
    vetting_reason: str | None
    vetting_created_raw: str | None
    last_look_at: datetime | None
    shown_at: datetime | None
    unconfirmed_since: datetime | None
    polls: int
    http_status: int | None
    error_code: str | None
    error_message: str | None
    source: str
    row: int
    row_json: str = field(repr=False)

    @property
    def wish(self) -> Wish:
        """What this request is for, within its origin and partner."""
        return Wish(self.customer_id, self.qualification)

    @property
    def request(self) -> QualificationRequest:
        """The content, as it was or will be sent."""
        return QualificationRequest(
            self.customer_id,
            self.qualification,
            segment=self.segment,
            website=self.website,
            validation_code=self.validation_code,
        )

    @property
    def live(self) -> bool:
        """Queued, sending or in review."""
        return self.state in LIVE

    @property
    def input(self) -> tuple[tuple[str, ...], tuple[Cell, ...]]:
        """The user's headings and cells of the row that this request came from, aligned."""
        with sense_expected(f"request {self.id} ({self.customer_id}, {self.qualification})"):
            return decode_cells(self.row_json)


@dataclass(frozen=True, slots=True)
class KnownDomain:
    """A customer by its default domain (lower case), as the partner's customer list told it."""

    domain: str
    customer_id: str
    name: str = ""


class Changes(TypedDict, total=False):
    """What a move may change besides the state. What is not named stays as it is."""

    adopted: bool
    sends: int
    answered_sends: int
    request_id: str | None
    correlation_id: str | None
    submitted_at: datetime | None
    answered_at: datetime | None
    settled_at: datetime | None
    vetting_status: str | None
    vetting_reason: str | None
    vetting_created_raw: str | None
    last_look_at: datetime | None
    shown_at: datetime | None
    unconfirmed_since: datetime | None
    polls: int
    http_status: int | None
    error_code: str | None
    error_message: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a request's biography; ``before`` is None on the first one."""

    at: datetime
    event: str
    before: State | None
    after: State
    run_id: str | None
    request_id: str | None
    correlation_id: str | None
    http_status: int | None
    error_code: str | None
    note: str | None


def blank_record(now: datetime) -> Record:
    """A request of nobody, for nothing, never sent: what an enrolment fills in."""
    return Record(
        id=0,
        revision=1,
        origin="",
        partner="",
        customer_id="",
        qualification=Qualification.EDUCATION,
        segment=None,
        website=None,
        validation_code=None,
        state=State.QUEUED,
        adopted=False,
        sends=0,
        answered_sends=0,
        request_id=None,
        correlation_id=None,
        predecessor=None,
        enrolled_at=now,
        submitted_at=None,
        answered_at=None,
        settled_at=None,
        vetting_status=None,
        vetting_reason=None,
        vetting_created_raw=None,
        last_look_at=None,
        shown_at=None,
        unconfirmed_since=None,
        polls=0,
        http_status=None,
        error_code=None,
        error_message=None,
        source="",
        row=0,
        row_json="[[],[]]",
    )
