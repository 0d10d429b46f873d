"""Rows that name their customer by domain, before and after the look-up. Nothing is looked up here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from batchqual.model import InputRow, Intake, Outcome, Problem, QualificationRequest, Verdict

from .crossrow import alone, compare_claims, compare_rows

__all__ = ["domains_of", "recalled", "resolved"]


def domains_of(intake: Intake) -> tuple[str, ...]:
    """The domains whose customers have to be looked up, each once, in input order."""
    asked = (row.request for row in intake.rows)
    return tuple(dict.fromkeys(one.domain or "" for one in asked if one is not None and one.needs_lookup))


def resolved(intake: Intake, found: Mapping[str, str | Verdict]) -> Intake:
    """The input with customers in place of domains, and its rows compared with each other again.

    ``found`` has for each of `domains_of` the customer's id, or the verdict on rows that name it. A row that
    is `invalid` by it makes no request any more. Another verdict is the last word on rows that no other row
    decides, and they go on waiting for their customer. A row by ID beside which another customer's domain
    stands is a `conflict`. Raises KeyError for a domain that ``found`` lacks.
    """
    domains = domains_of(intake)
    if not domains:
        return intake
    rows = _compared(intake, {domain: found[domain] for domain in domains})
    compare_claims(rows)
    return replace(intake, rows=tuple(_with_verdict(intake, row, found) for row in rows))


def recalled(intake: Intake, known: Mapping[str, str]) -> Intake:
    """The same as far as customers are ``known`` by their domain; other rows go on waiting for theirs."""
    return replace(intake, rows=tuple(_compared(intake, known))) if known else intake


def _compared(intake: Intake, found: Mapping[str, str | Verdict]) -> list[InputRow]:
    """Rows with customers where ``found`` names them, after they were compared with each other again."""
    domains: dict[str, list[str]] = defaultdict(list)
    for domain, owner in found.items():
        if isinstance(owner, str):
            domains[owner].append(domain)
    rows = []
    for row in intake.rows:
        if row.request is None:
            rows.append(row)
        elif row.request.needs_lookup:
            rows.append(_with_customer(intake, alone(row), row.request, found))
        else:
            rows.append(_with_claim(intake, alone(row), row.request, found, domains))
    compare_rows(rows)
    return rows


def _with_claim(
    intake: Intake,
    row: InputRow,
    request: QualificationRequest,
    found: Mapping[str, str | Verdict],
    domains: Mapping[str, list[str]],
) -> InputRow:
    """A row by ID, held against what is known of its domain, and of its customer's. One customer has one
    default domain."""
    claimed, owner = request.domain, found.get(request.domain or "")
    own = domains.get(request.customer_id, [])
    if claimed is None or claimed in own or not (own or isinstance(owner, str)):
        return row
    message = f"“{claimed}” is the default domain of another customer ({owner})."
    if own:
        message = f"the row says {claimed}, but the default domain of this customer is {own[0]}."
    verdict = Verdict(Outcome.CONFLICT, error_code="domain-differs", error_message=message)
    return replace(row, preset=Outcome.CONFLICT, problems=(_problem(intake, row, claimed, verdict),))


def _with_customer(
    intake: Intake, row: InputRow, request: QualificationRequest, found: Mapping[str, str | Verdict]
) -> InputRow:
    customer = found.get(request.domain or "")
    if customer is None:
        return row
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
    return Problem(
        verdict.error_code or verdict.outcome.value,
        verdict.error_message or "",
        row.source,
        row=row.row,
        cell=intake.cell_of(row, "domain"),
        field="domain",
        value=domain,
    )
