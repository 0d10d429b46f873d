"""Rows against each other: duplicates, contradictions, and codes that have lost their zeros."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from batchqual.model import InputRow, Outcome, Problem, Qualification, QualificationRequest, mask_code

__all__ = ["alone", "compare_claims", "compare_rows"]

_EXCLUDING = (Qualification.EDUCATION, Qualification.GCC)
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
    for positions in _shared_claims(rows):
        wishes = _by_wish(rows, positions)
        for group in wishes.values():
            if _differ(rows, group):
                _refuse_all(rows, group)
        _exclude(rows, wishes)


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


def _shared_claims(rows: list[InputRow]) -> list[list[int]]:
    """Rows that wait for the customer of a domain, with all rows of an ID beside which it stands."""
    waiting: dict[str, list[int]] = defaultdict(list)
    of_customer: dict[str, list[int]] = defaultdict(list)
    claims: set[tuple[str, str]] = set()
    for row in rows:
        if row.request is None:
            continue
        if row.request.needs_lookup:
            waiting[row.request.domain or ""].append(row.position)
            continue
        of_customer[row.request.customer_id].append(row.position)
        if row.request.claim is not None:
            claims.add((row.request.claim, row.request.customer_id))
    return [
        sorted(waiting[domain] + of_customer[customer])
        for domain, customer in sorted(claims)
        if domain in waiting
    ]


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


def _refuse_all(rows: list[InputRow], group: list[int]) -> None:
    for position in group:
        row = rows[position]
        others = [rows[other] for other in group if other != position]
        message = (
            f"another segment or code for the same customer and qualification stands in"
            f" {_places(others, row.source)}; none of these rows is sent until they agree."
        )
        rows[position] = _refused(row, Problem("content-differs", message, row.source, row=row.row))


def _exclude(rows: list[InputRow], wishes: dict[Qualification, list[int]]) -> None:
    if all(qualification in wishes for qualification in _EXCLUDING):
        _refuse_both(rows, wishes)


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


def _refuse_both(rows: list[InputRow], wishes: dict[Qualification, list[int]]) -> None:
    for mine, theirs in (_EXCLUDING, _EXCLUDING[::-1]):
        others = [rows[position] for position in wishes[theirs]]
        for position in wishes[mine]:
            row = rows[position]
            message = (
                f"the same customer has a row for {theirs.short} ({_places(others, row.source)}); a customer"
                f" cannot be both Education and GCC, so neither is sent."
            )
            rows[position] = _refused(row, Problem("education-with-gcc", message, row.source, row=row.row))


def _refused(row: InputRow, problem: Problem) -> InputRow:
    kept = tuple(known for known in row.problems if known.code not in ("duplicate", problem.code))
    return replace(row, preset=Outcome.CONFLICT, problems=(*kept, problem))


def _places(rows: list[InputRow], source: str) -> str:
    shown = [f"row {row.row}" if row.source == source else f"{row.source} row {row.row}" for row in rows[:5]]
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
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
