"""Rows that name their customer by domain, before and after the look-up. Nothing is looked up here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from batchqual.model import InputRow, Intake, Outcome, Problem, QualificationRequest, Verdict

from .crossrow import alone, compare_claims, compare_rows

__all__ = ["domains_of", "named_domains", "recalled", "resolved"]

_OF_NOBODY = "domain-of-nobody"
_TOLD_ONE_BY_ONE = 50
_NAMED = 3

Claims = Mapping[str, Collection[str]]
"""Whose default domain it is, by ID; nobody's, where there is none. Of a domain that is not here nothing is
known."""


def named_domains(intake: Intake) -> tuple[str, ...]:
    """Every domain that a row names, alone or beside an ID, each once."""
    asked = (row.request for row in intake.rows)
    return tuple(dict.fromkeys(one.domain for one in asked if one is not None and one.domain))


def domains_of(intake: Intake) -> tuple[str, ...]:
    """The domains whose customers have to be looked up, each once, in input order."""
    asked = (row.request for row in intake.rows)
    return tuple(dict.fromkeys(one.domain or "" for one in asked if one is not None and one.needs_lookup))


def resolved(intake: Intake, found: Mapping[str, str | Verdict], claims: Claims | None = None) -> Intake:
    """The input with customers in place of domains, and its rows compared with each other again.

    ``found`` has for each of `domains_of` the customer's id, or the verdict on rows that name it. A row that
    is `invalid` by it makes no request any more. Another verdict is the last word on rows that no other row
    decides, and they go on waiting for their customer. Raises KeyError for a domain that ``found`` lacks.

    A row by ID goes by its ID. It is a `conflict` where the domain beside it is another customer's by
    ``claims`` or ``found``, and there is a warning where it is nobody's.
    """
    domains = domains_of(intake)
    if not domains and not claims:
        return intake
    found = {domain: found[domain] for domain in domains}
    claims = {**_owned(found), **(claims or {})}
    rows = _compared(intake, found, claims)
    compare_claims(rows)
    rows = [_with_verdict(intake, row, found) for row in rows]
    notices = _warn(intake, rows, claims)
    return replace(intake, rows=tuple(rows), notices=(*intake.notices, *notices))


def recalled(intake: Intake, known: Mapping[str, str]) -> Intake:
    """The same as far as customers are ``known`` by their domain; other rows go on waiting for theirs."""
    return replace(intake, rows=tuple(_compared(intake, known, _owned(known)))) if known else intake


def _owned(found: Mapping[str, str | Verdict]) -> Claims:
    return {domain: (owner,) for domain, owner in found.items() if isinstance(owner, str)}


def _compared(intake: Intake, found: Mapping[str, str | Verdict], claims: Claims) -> list[InputRow]:
    """Rows with customers where ``found`` names them, after they were compared with each other again."""
    rows = []
    for row in intake.rows:
        if row.request is None:
            rows.append(row)
        elif row.request.needs_lookup:
            rows.append(_with_customer(intake, alone(row), row.request, found))
        else:
            rows.append(_with_claim(intake, alone(row), row.request, claims))
    compare_rows(rows)
    return rows


def _with_claim(intake: Intake, row: InputRow, request: QualificationRequest, claims: Claims) -> InputRow:
    """A row by ID, held against what is known of the domain beside it."""
    owners = claims.get(request.claim or "", ())
    if not owners or request.customer_id in owners:
        return row
    others = ", ".join(sorted(owners)[:_NAMED])
    message = f"“{request.claim}” is the default domain of another customer ({others})."
    problem = _problem(intake, row, request.claim, "domain-differs", message)
    return replace(row, preset=Outcome.CONFLICT, problems=(problem,))


def _warn(intake: Intake, rows: list[InputRow], claims: Claims) -> list[Problem]:
    """Warn, in place, of rows by ID that go on although the domain beside the ID is nobody's default domain:
    one that the customer has added, or one that is spelt wrong. Of many such rows, or most of a file, one
    notice tells."""
    compared: Counter[str] = Counter()
    of_nobody: dict[str, list[tuple[InputRow, str]]] = defaultdict(list)
    for row in rows:
        claim = row.request.claim if row.request else None
        if row.preset is None and claim is not None and claim in claims:
            compared[row.source] += 1
            if not claims[claim]:
                of_nobody[row.source].append((row, claim))
    notices = []
    for source, some in of_nobody.items():
        if len(some) > _TOLD_ONE_BY_ONE or len(some) > max(1, compared[source] // 2):
            notices.append(_notice(source, some, compared[source]))
            continue
        for row, claim in some:
            message = f"“{claim}” is the default domain of none of your customers; the row goes by its ID."
            warning = _problem(intake, row, claim, _OF_NOBODY, message)
            rows[row.position] = replace(row, warnings=(*row.warnings, warning))
    return notices


def _notice(source: str, some: list[tuple[InputRow, str]], compared: int) -> Problem:
    named = ", ".join(f"{row.row} ({claim})" for row, claim in some[:_NAMED])
    more = f" and {len(some) - _NAMED:,} more" if len(some) > _NAMED else ""
    message = (
        f"in {len(some):,} of {compared:,} rows the domain is the default domain of none of your customers: "
        f"rows {named}{more}. It may be one that the customer has added. These rows go by their ID."
    )
    return Problem(_OF_NOBODY, message, source, field="domain")


def _with_customer(
    intake: Intake, row: InputRow, request: QualificationRequest, found: Mapping[str, str | Verdict]
) -> InputRow:
    customer = found.get(request.domain or "")
    if customer is None:
        return row
    if isinstance(customer, str):
        return replace(row, request=replace(request, customer_id=customer), customer_id=customer)
    if customer.outcome is Outcome.INVALID:
        problem = _of_verdict(intake, row, request, customer)
        return replace(row, request=None, preset=Outcome.INVALID, problems=(problem,))
    return row


def _with_verdict(intake: Intake, row: InputRow, found: Mapping[str, str | Verdict]) -> InputRow:
    request = row.request
    if request is None or row.preset is not None or not request.needs_lookup:
        return row
    verdict = found[request.domain or ""]
    if isinstance(verdict, str):
        raise TypeError(request.domain)
    problem = _of_verdict(intake, row, request, verdict)
    return replace(row, preset=verdict.outcome, problems=(problem,))


def _of_verdict(intake: Intake, row: InputRow, request: QualificationRequest, verdict: Verdict) -> Problem:
    code = verdict.error_code or verdict.outcome.value
    return _problem(intake, row, request.domain, code, verdict.error_message or "")


def _problem(intake: Intake, row: InputRow, domain: str | None, code: str, message: str) -> Problem:
    return Problem(
        code,
        message,
        row.source,
        row=row.row,
        cell=intake.cell_of(row, "domain"),
        field="domain",
        value=domain,
    )
