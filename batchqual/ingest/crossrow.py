"""Rows against each other: duplicates, contradictions, and codes that have lost their zeros."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from batchqual.model import InputRow, Outcome, Problem, Qualification, QualificationRequest, mask_code

__all__ = ["alone", "compare_claims", "compare_rows"]

_EXCLUDING = (Qualification.EDUCATION, Qualification.GCC)
_NAMED = 5
_SAID_HERE = frozenset({"website-differs", "domain-differs", "zeros-dropped"})


def compare_rows(rows: list[InputRow]) -> None:
    """Settle, in place, the outcome of rows that other rows of the input decide. Positions equal indices.

    Same wish, same content: `duplicate` of the first. Same wish, other segment or code: all of them
    `conflict`. Education and GCC for one customer: all of these `conflict`, in any order. Rows whose customer
    is not looked up yet are of one customer when they name the same domain. A row that is settled already
    has its say in what contradicts it, and no other row is its duplicate.
    """
    for positions in _shared_customers(rows):
        _settle_customer(rows, positions)
    _find_lost_zeros(rows)


def compare_claims(rows: list[InputRow]) -> None:
    """Settle, in place, what rows whose look-up came to nothing contradict: those of a customer whose ID
    stands beside the same domain. The same content is no duplicate, since nobody knows whose the domain is.
    """
    waiting: dict[str, _Side] = defaultdict(_Side)
    of_customer: dict[str, _Side] = defaultdict(_Side)
    claims: dict[tuple[str, str], None] = {}
    for row in rows:
        if row.request is None:
            continue
        if row.request.needs_lookup:
            waiting[row.request.domain or ""].add(row.position, row.request)
            continue
        of_customer[row.request.customer_id].add(row.position, row.request)
        if row.request.claim is not None:
            claims[row.request.claim, row.request.customer_id] = None
    for domain, customer in claims:
        if domain in waiting:
            _contradict(waiting[domain], of_customer[customer])
    for side in (*waiting.values(), *of_customer.values()):
        for wanted, others in side.differing.items():
            _refuse_all(rows, side.wishes[wanted], others)
        for wanted, others in side.excluding.items():
            _refuse_each(rows, side.wishes[wanted], _other_of(wanted), others)


@dataclass(slots=True)
class _Some:
    """Many rows: those that are named, by position, and how many there are."""

    first: list[int] = field(default_factory=list)
    count: int = 0

    def add(self, positions: Sequence[int]) -> None:
        """More of them, in order; one more is kept than is named, for a row does not name itself."""
        self.first = sorted((*self.first, *positions[: _NAMED + 1]))[: _NAMED + 1]
        self.count += len(positions)


@dataclass(slots=True)
class _Side:
    """The rows of one customer, or of one domain of which nobody knows whose it is, by qualification; and the
    rows of other sides with which they cannot agree."""

    wishes: dict[Qualification, list[int]] = field(default_factory=lambda: defaultdict(list))
    contents: dict[Qualification, set[tuple[str | None, str | None]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    differing: dict[Qualification, _Some] = field(default_factory=lambda: defaultdict(_Some))
    excluding: dict[Qualification, _Some] = field(default_factory=lambda: defaultdict(_Some))

    def add(self, position: int, request: QualificationRequest) -> None:
        """One more row."""
        self.wishes[request.qualification].append(position)
        self.contents[request.qualification].add(request.content)


def _contradict(one: _Side, other: _Side) -> None:
    """Note on both sides what keeps their rows from being of one customer."""
    for wanted in one.wishes.keys() & other.wishes.keys():
        mine, theirs = one.contents[wanted], other.contents[wanted]
        if len(mine) > 1 or len(theirs) > 1 or mine != theirs:
            one.differing[wanted].add(other.wishes[wanted])
            other.differing[wanted].add(one.wishes[wanted])
    for wanted, excluded in (_EXCLUDING, _EXCLUDING[::-1]):
        if wanted in one.wishes and excluded in other.wishes:
            one.excluding[wanted].add(other.wishes[excluded])
            other.excluding[excluded].add(one.wishes[wanted])


def alone(row: InputRow) -> InputRow:
    """A row with a request as it was before it was compared with others."""
    warnings = tuple(warning for warning in row.warnings if warning.code not in _SAID_HERE)
    return replace(row, preset=None, problems=(), warnings=warnings)


def _shared_customers(rows: list[InputRow]) -> list[list[int]]:
    first: dict[str, int] = {}
    shared: dict[str, list[int]] = {}
    for row in rows:
        if row.request is None:
            continue
        customer = row.request.customer_id or row.request.domain or ""
        earlier = first.setdefault(customer, row.position)
        if earlier != row.position:
            shared.setdefault(customer, [earlier]).append(row.position)
    return list(shared.values())


def _settle_customer(rows: list[InputRow], positions: list[int]) -> None:
    wishes = _by_wish(rows, positions)
    for group in wishes.values():
        _settle_wish(rows, group)
    _exclude(rows, wishes)


def _by_wish(rows: list[InputRow], positions: list[int]) -> dict[Qualification, list[int]]:
    wishes: dict[Qualification, list[int]] = {}
    for position in positions:
        wishes.setdefault(_request(rows[position]).qualification, []).append(position)
    return wishes


def _settle_wish(rows: list[InputRow], group: list[int]) -> None:
    if _differ(rows, group):
        _refuse_all(rows, group)
        return
    open_ones = [position for position in group if rows[position].preset is None]
    for position in open_ones[1:]:
        rows[position] = _duplicate(rows[position], rows[open_ones[0]])


def _differ(rows: list[InputRow], group: list[int]) -> bool:
    return len({_request(rows[position]).content for position in group}) > 1


def _refuse_all(rows: list[InputRow], group: list[int], others: _Some | None = None) -> None:
    """Refuse the rows of a group that do not agree, with each other or with ``others``."""
    known = _Some() if others is None else others
    some = _Some(list(known.first), known.count)
    some.add(group)
    for position in group:
        row = rows[position]
        message = (
            f"another segment or code for the same customer and qualification stands in"
            f" {_places(rows, some, some.count - 1, row)}; none of these rows is sent until they agree."
        )
        rows[position] = _refused(row, Problem("content-differs", message, row.source, row=row.row))


def _exclude(rows: list[InputRow], wishes: dict[Qualification, list[int]]) -> None:
    if all(qualification in wishes for qualification in _EXCLUDING):
        for mine, theirs in (_EXCLUDING, _EXCLUDING[::-1]):
            others = _Some()
            others.add(wishes[theirs])
            _refuse_each(rows, wishes[mine], theirs, others)


def _duplicate(row: InputRow, first: InputRow) -> InputRow:
    same = Problem("duplicate", f"the same as {first.source} row {first.row}.", row.source, row=row.row)
    warnings = row.warnings
    mine, theirs = _request(row), _request(first)
    if mine.website != theirs.website:
        message = (
            f"another website than in {first.source} row {first.row}, which is the one that is sent"
            f" ({theirs.website or 'none'})."
        )
        warnings += (Problem("website-differs", message, row.source, row=row.row, value=mine.website),)
    my_domain, their_domain = mine.domain or mine.claim, theirs.domain or theirs.claim
    if my_domain != their_domain and my_domain and their_domain:
        message = f"another domain than in {first.source} row {first.row} ({their_domain})."
        warnings += (Problem("domain-differs", message, row.source, row=row.row, value=my_domain),)
    return replace(row, preset=Outcome.DUPLICATE, problems=(*row.problems, same), warnings=warnings)


def _refuse_each(rows: list[InputRow], positions: list[int], theirs: Qualification, others: _Some) -> None:
    """Refuse rows for what the customer has other rows for."""
    for position in positions:
        row = rows[position]
        places = _places(rows, others, others.count, row)
        message = (
            f"the same customer has a row for {theirs.short} ({places}); a customer cannot be both Education"
            " and GCC, so neither is sent."
        )
        rows[position] = _refused(row, Problem("education-with-gcc", message, row.source, row=row.row))


def _other_of(wanted: Qualification) -> Qualification:
    education, gcc = _EXCLUDING
    return gcc if wanted is education else education


def _refused(row: InputRow, problem: Problem) -> InputRow:
    kept = tuple(known for known in row.problems if known.code not in ("duplicate", problem.code))
    return replace(row, preset=Outcome.CONFLICT, problems=(*kept, problem))


def _places(rows: list[InputRow], some: _Some, count: int, beside: InputRow) -> str:
    """Where ``count`` rows stand, besides that row; a few are named, and what is said stays short."""
    named = [rows[position] for position in some.first if position != beside.position][:_NAMED]
    shown = [
        f"row {row.row}" if row.source == beside.source else f"{row.source} row {row.row}" for row in named
    ]
    more = f" and {count - len(named):,} more" if count > len(named) else ""
    return ", ".join(shown) + more


def _request(row: InputRow) -> QualificationRequest:
    if row.request is None:
        raise ValueError(row.position)
    return row.request


def _find_lost_zeros(rows: list[InputRow]) -> None:
    """Excel drops the zeros that a number begins with: a code shorter than its siblings may have had some."""
    zeroed = {
        len(row.request.validation_code)
        for row in rows
        if row.request and row.request.validation_code and _leading_zero(row.request.validation_code)
    }
    if not zeroed:
        return
    usual = max(zeroed)
    for row in rows:
        code = row.request.validation_code if row.request else None
        if code and code.isdecimal() and len(code) < usual and not _leading_zero(code):
            message = (
                f"validation_code “{mask_code(code)}” has {len(code)} digits; others have {usual} and begin"
                " with a zero. Excel drops such zeros from a number: is the code complete?"
            )
            problem = Problem("zeros-dropped", message, row.source, row=row.row, field="validation_code")
            rows[row.position] = replace(row, warnings=(*row.warnings, problem))


def _leading_zero(code: str) -> bool:
    return code.isdecimal() and code.startswith("0")
