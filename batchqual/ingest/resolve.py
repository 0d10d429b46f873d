"""Rows that name their customer by domain, before and after the look-up. Nothing is looked up here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from batchqual.model import InputRow, Intake, Outcome, Problem, Verdict

from .crossrow import alone, compare_rows
from .table import cell_name

__all__ = ["domains_of", "resolved"]


def domains_of(intake: Intake) -> tuple[str, ...]:
    """The domains whose customers have to be looked up, each once, in input order."""
    asked = (row.request for row in intake.rows)
    return tuple(dict.fromkeys(one.domain or "" for one in asked if one is not None and one.needs_lookup))


def resolved(intake: Intake, found: Mapping[str, str | Verdict]) -> Intake:
    """The input with customers in place of domains, and its rows compared with each other again.

    ``found`` has for each of `domains_of` the customer's id, or the verdict on rows that name it. A row that
    is `invalid` by it makes no request any more. Another verdict is the last word on rows that no other row
    decides, and they go on waiting for their customer. Raises KeyError for a domain that ``found`` lacks.
    """
    if not domains_of(intake):
        return intake
    rows = [_with_customer(intake, row, found) for row in intake.rows]
    compare_rows(rows)
    return replace(intake, rows=tuple(_with_verdict(intake, row, found) for row in rows))


def _with_customer(intake: Intake, row: InputRow, found: Mapping[str, str | Verdict]) -> InputRow:
    request = row.request
    if request is None:
        return row
    row = alone(row)
    if not request.needs_lookup:
        return row
    customer = found[request.domain or ""]
    if isinstance(customer, str):
        return replace(row, request=replace(request, customer_id=customer), customer_id=customer)
    if customer.outcome is Outcome.INVALID:
        problem = _problem(intake, row, request.domain, customer)
        return replace(row, request=None, preset=Outcome.INVALID, problems=(problem,))
    return row


def _with_verdict(intake: Intake, row: InputRow, found: Mapping[str, str | Verdict]) -> InputRow:
    request = row.request
    if request is None or row.preset is not None or not request.needs_lookup:
        return row
    verdict = found[request.domain or ""]
    if isinstance(verdict, str):
        raise TypeError(request.domain)
    problem = _problem(intake, row, request.domain, verdict)
    return replace(row, preset=verdict.outcome, problems=(problem,))


def _problem(intake: Intake, row: InputRow, domain: str | None, verdict: Verdict) -> Problem:
    cell = None
    if len(intake.files) == 1:
        # The columns of a single file are those of its sheet; of several nobody knows any more.
        column = dict(intake.files[0].fields).get("domain")
        cell = None if column is None else cell_name(column, row.row)
    return Problem(
        verdict.error_code or verdict.outcome.value,
        verdict.error_message or "",
        row.source,
        row=row.row,
        cell=cell,
        field="domain",
        value=domain,
    )
