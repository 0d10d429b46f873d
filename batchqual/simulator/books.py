"""What the simulator was asked, so that a client's word can be held against it. Kept in columns: some 300
bytes a request, so that half a million stay well below 200 MB."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from .faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

_FAULTS: Final = (None, *Fault)
_FAULT_NUMBER: Final = {fault: place for place, fault in enumerate(_FAULTS)}
_WRITTEN, _REPLAYED = 1, 2


class Arrival(NamedTuple):
    """A request as it came in, before anything was decided. `monotonic` and `wall` (seconds since 1970)
    are read when its headers had been parsed and before its body was, so they are the loop's first sight
    of it, not the kernel's."""

    monotonic: float
    wall: float
    method: str
    path: str
    customer: str
    request_id: str
    correlation_id: str
    token: int


class Entry(NamedTuple):
    """One line of the log. `path` is a template; `status` 0 means that no answer was sent (yet); `token`
    is a number in order of first appearance; `written`: a write took effect; `replayed`: an earlier answer
    was given again."""

    number: int
    monotonic: float
    wall: float
    method: str
    path: str
    customer: str
    request_id: str
    correlation_id: str
    token: int
    status: int
    fault: str | None
    written: bool
    replayed: bool


class Books:
    """Counts for ever; keeps the log of the first `keep` requests."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._monotonic = array("d")
        self._wall = array("d")
        self._status = array("H")
        self._token = array("L")
        self._kind = array("L")
        self._fault = array("B")
        self._flags = array("B")
        self._names: list[tuple[str, str, str]] = []
        self._kinds: dict[tuple[str, str], int] = {}
        self._seen: dict[str, str] = {}
        self.total = 0
        self.requests: Counter[tuple[str, str]] = Counter()
        self.statuses: Counter[int] = Counter()
        self.faults: Counter[str] = Counter()
        self.accepted: Counter[tuple[str, str]] = Counter()
        self.creates_used: Counter[str] = Counter()
        self.missing_headers: Counter[str] = Counter()
        self.replays = 0
        self.token_expiries = 0

    def arrive(self, arrival: Arrival) -> int:
        """Writes a request down and gives it its number, from 0."""
        number = self.total
        self.total += 1
        kind = (arrival.method, arrival.path)
        self.requests[kind] += 1
        if number < self._keep:
            self._monotonic.append(arrival.monotonic)
            self._wall.append(arrival.wall)
            self._kind.append(self._kinds.setdefault(kind, len(self._kinds)))
            self._token.append(arrival.token)
            self._status.append(0)
            self._fault.append(0)
            self._flags.append(0)
            customer = self._seen.setdefault(arrival.customer, arrival.customer)
            self._names.append((customer, arrival.request_id, arrival.correlation_id))
        return number

    def answered(
        self, number: int, status: int, fault: Fault | None, *, written: bool, replayed: bool
    ) -> None:
        """Adds how a request ended; status 0 is a connection that was dropped."""
        self.statuses[status] += 1
        self.replays += replayed
        if fault is not None:
            self.faults[fault] += 1
        if number < self._keep:
            self._status[number] = status
            self._fault[number] = _FAULT_NUMBER[fault]
            self._flags[number] = written * _WRITTEN | replayed * _REPLAYED

    def log(self) -> Iterator[Entry]:
        """The lines of the log, in order of arrival."""
        kinds = list(self._kinds)
        for number, names in enumerate(self._names):
            flags = self._flags[number]
            yield Entry(
                number,
                self._monotonic[number],
                self._wall[number],
                *kinds[self._kind[number]],
                *names,
                self._token[number],
                self._status[number],
                _FAULTS[self._fault[number]],
                bool(flags & _WRITTEN),
                bool(flags & _REPLAYED),
            )

    def count(self, method: str, ending: str = "") -> int:
        """Requests of `method` whose path template ends in `ending`."""
        return sum(n for (verb, path), n in self.requests.items() if verb == method and path.endswith(ending))

    def most_within(self, seconds: float) -> int:
        """The most requests that arrived within any `seconds` (half-open), over the whole log."""
        times = sorted(self._monotonic)
        first = most = 0
        for last, moment in enumerate(times):
            while moment - times[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def to_dict(self, *, log: bool = True) -> dict[str, object]:
        """All of it for JSON; the log as rows under the names of their columns."""
        return {
            "total": self.total,
            "requests": [
                {"method": verb, "path": path, "count": n} for (verb, path), n in self.requests.items()
            ],
            "statuses": {str(status): n for status, n in sorted(self.statuses.items())},
            "faults": {fault: self.faults[fault] for fault in Fault},
            "accepted": [
                {"customer": who, "qualification": what, "count": n}
                for (who, what), n in self.accepted.items()
            ],
            "creates_used": dict(self.creates_used),
            "missing_headers": dict(self.missing_headers),
            "replays": self.replays,
            "token_expiries": self.token_expiries,
            "log_columns": list(Entry._fields),
            "log": [list(entry) for entry in self.log()] if log else [],
            "log_left_off": max(0, self.total - self._keep) if log else self.total,
        }
