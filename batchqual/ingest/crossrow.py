"""Rows against each other: duplicates, contradictions, and codes that have lost their zeros."""

from __future__ import annotations

from dataclasses import replace

from batchqual.model import InputRow, Outcome, Problem, Qualification, QualificationRequest, mask_code

__all__ = ["alone", "compare_rows"]

_EXCLUDING = (Qualification.EDUCATION, Qualification.GCC)
_SAID_HERE = frozenset({"website-differs", "domain-differs", "zeros-dropped"})


def compare_rows(rows: list[InputRow]) -> None:
    """Settle, in place, the outcome of rows that other rows of the input decide. Positions equal indices.

    Same wish, same content: `duplicate` of the first. Same wish, other segment or code: all of them
    `conflict`. Education and GCC for one customer: all of these `conflict`, in any order. Rows whose customer
    is not looked up yet are of one customer when they name the same domain.
    """
    for positions in _shared_customers(rows):
        _settle_customer(rows, positions)
    _find_lost_zeros(rows)


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
    wishes: dict[Qualification, list[int]] = {}
    for position in positions:
        wishes.setdefault(_request(rows[position]).qualification, []).append(position)
    for group in wishes.values():
        _settle_wish(rows, group)
    if all(qualification in wishes for qualification in _EXCLUDING):
        _refuse_both(rows, wishes)


def _settle_wish(rows: list[InputRow], group: list[int]) -> None:
    first = rows[group[0]]
    if len({_request(rows[position]).content for position in group}) > 1:
        for position in group:
            others = [rows[other] for other in group if other != position]
            rows[position] = _refused(
                rows[position],
                Problem(
                    "content-differs",
                    f"another segment or code for the same customer and qualification stands in"
                    f" {_places(others, first.source)}; none of these rows is sent until they agree.",
                    rows[position].source,
                    row=rows[position].row,
                ),
            )
        return
    for position in group[1:]:
        rows[position] = _duplicate(rows[position], first)


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
    if mine.domain != theirs.domain and mine.domain and theirs.domain:
        message = f"another domain than in {first.source} row {first.row} ({theirs.domain})."
        warnings += (Problem("domain-differs", message, row.source, row=row.row, value=mine.domain),)
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
    kept = tuple(known for known in row.problems if known.code != "duplicate")
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
