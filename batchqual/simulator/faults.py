"""What goes wrong on purpose: at most one fault a request, drawn from the seed and the request's number."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, fields
from enum import StrEnum, auto
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal

from .chance import fraction
from .wording import HTML, PAGE, TEXT, Reply, dump

if TYPE_CHECKING:
    from collections.abc import Iterable

Scope = Literal["all", "reads", "writes"]


class Fault(StrEnum):
    """The name of a fault, in the settings and in the books."""

    SERVER_ERROR = auto()
    HTML = auto()
    BARE_STRING = auto()
    RESET_BEFORE = auto()
    RESET_AFTER = auto()
    TRUNCATED = auto()
    LATE = auto()
    THROTTLED = auto()
    EXPIRED_TOKEN = auto()
    READ_LAG = auto()


#: Those of which a request can have one; `read_lag` is drawn for itself, for writes.
DRAWN: Final = tuple(fault for fault in Fault if fault is not Fault.READ_LAG)
#: Answers that hide whether a write took effect; `written_share` of them come after it did.
VEILED: Final = frozenset({Fault.SERVER_ERROR, Fault.HTML, Fault.BARE_STRING})


def _chance(text: str) -> dict[str, str]:
    return {"help": f"Chance (0 to 1) that {text}"}


@dataclass(frozen=True)
class Faults:
    """The chance of each fault per request, 0 to 1; together at most 1 (but for `read_lag`)."""

    server_error: float = field(
        default=0.0,
        metadata=_chance(
            "a request is answered 500, 502, 503 (also with Retry-After) or 504, in equal parts."
        ),
    )
    html: float = field(default=0.0, metadata=_chance("a request is answered 502 with a page of HTML."))
    bare_string: float = field(
        default=0.0, metadata=_chance("a request is answered 500 with a bare JSON string.")
    )
    reset_before: float = field(
        default=0.0, metadata=_chance("the connection is reset before the request has any effect.")
    )
    reset_after: float = field(
        default=0.0,
        metadata=_chance("the connection is reset after the request took effect, in place of the answer."),
    )
    truncated: float = field(
        default=0.0, metadata=_chance("the answer is cut in the middle, after the request took effect.")
    )
    late: float = field(
        default=0.0,
        metadata=_chance("the request takes effect at once and is answered --late-seconds later."),
    )
    throttled: float = field(
        default=0.0, metadata=_chance("a request is answered 429, with budget left or not.")
    )
    expired_token: float = field(
        default=0.0,
        metadata=_chance(
            "the bearer token of a request is refused with 401, for ever; never before its 50th use."
        ),
    )
    read_lag: float = field(
        default=0.0, metadata=_chance("reads do not see an accepted write until --read-lag-seconds later.")
    )
    scope: Scope = field(
        default="all", metadata={"help": "Which requests can have a fault: all, reads, or writes."}
    )
    written_share: float = field(
        default=0.5,
        metadata={
            "help": "Part of the writes that had the fault server_error, html or bare_string which "
            "took effect all the same (never those answered 503 with Retry-After)."
        },
    )
    retry_after: int = field(
        default=1,
        metadata={
            "help": "Seconds in the Retry-After of the faults throttled (kept: all get 429) and server_error."
        },
    )

    def __post_init__(self) -> None:
        values = {item.name: getattr(self, item.name) for item in fields(self) if item.name not in _NO_CHANCE}
        wrong = [name for name, value in values.items() if not 0 <= value <= 1]
        if wrong:
            raise ValueError(f"the chance of {wrong[0]} must be between 0 and 1, not {values[wrong[0]]}")
        if sum(values[fault] for fault in DRAWN) > 1 + 1e-9:
            raise ValueError("the chances of all faults together must not be more than 1")

    @classmethod
    def every(cls, chance: float) -> Faults:
        """All faults but `throttled` with the same chance (1/8 at most); a 429 is no fault but the
        service's right."""
        return cls(
            server_error=chance,
            html=chance,
            bare_string=chance,
            reset_before=chance,
            reset_after=chance,
            truncated=chance,
            late=chance,
            expired_token=chance,
            read_lag=chance,
        )


_NO_CHANCE: Final = frozenset({"scope", "retry_after"})


class FaultStream:
    """Draws the faults of a run. Depends on the seed and on the number of a request alone."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self._faults = faults
        self._seed = seed
        self._steps = list(accumulate(getattr(faults, fault) for fault in DRAWN))
        self._any = self._steps[-1] > 0
        self._queued: list[tuple[Fault, Scope]] = []

    def queue(self, faults: Iterable[Fault], scope: Scope) -> None:
        """Gives these faults to the next requests of `scope`, one each, before chance has its say."""
        self._queued.extend((fault, scope) for fault in faults)

    def draw(self, number: int, *, write: bool) -> Fault | None:
        """The fault of request `number`, or None."""
        if self._queued:
            for place, (fault, scope) in enumerate(self._queued):
                if _covers(scope, write=write):
                    del self._queued[place]
                    return fault
        if not self._any or not _covers(self._faults.scope, write=write):
            return None
        place = bisect_right(self._steps, fraction(self._seed, "fault", number))
        return DRAWN[place] if place < len(DRAWN) else None

    def lags(self, number: int) -> bool:
        """Whether reads lag behind the write of request `number`."""
        return self._faults.read_lag > 0 and fraction(self._seed, "lag", number) < self._faults.read_lag

    def veil(self, fault: Fault, number: int) -> tuple[Reply, bool]:
        """The answer that hides the real one, and whether the request takes effect all the same."""
        written = fraction(self._seed, "written", number) < self._faults.written_share
        if fault is Fault.HTML:
            return Reply(502, PAGE, HTML), written
        if fault is Fault.BARE_STRING:
            return Reply(500, dump("The request could not be completed.")), written
        reply = _SERVER_ERRORS[int(fraction(self._seed, "variant", number) * len(_SERVER_ERRORS))]
        if not reply.headers:
            return reply, written
        return reply._replace(headers=(("Retry-After", str(self._faults.retry_after)),)), False


_SERVER_ERRORS: Final = (
    Reply(
        500,
        dump(
            {"code": "800003", "description": "Unexpected error.", "data": [], "source": "PartnerSimulator"}
        ),
    ),
    Reply(502, b"Bad gateway", TEXT),
    Reply(503, b"Service unavailable", TEXT),
    Reply(503, b"Service unavailable", TEXT, (("Retry-After", "1"),)),
    Reply(504),
)


def _covers(scope: Scope, *, write: bool) -> bool:
    return scope == "all" or (scope == "writes") == write
