"""What an audit of a ledger says."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MOST_FINDINGS", "Audit", "Finding", "Findings"]

MOST_FINDINGS = 20
"""How many are told; all are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as batchqual wrote it, in words.

    ``check`` is a stable word: ``chain``, ``states``, ``wishes``, ``totals``, ``schema`` or ``file``.
    ``link`` is a number in the chain, ``event`` a ``seq`` of the table of events, ``customer_id`` whose
    request it is.
    """

    check: str
    message: str
    link: int | None = None
    event: int | None = None
    request: int | None = None
    customer_id: str | None = None
    run_id: str | None = None


class Findings:
    """Collects the first findings, and counts all: a ruined ledger needs no more memory than another."""

    def __init__(self) -> None:
        self.first: list[Finding] = []
        self.count = 0

    def add(self, finding: Finding) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < MOST_FINDINGS:
            self.first.append(finding)


@dataclass(frozen=True, slots=True)
class Audit:
    """How a ledger was found. ``findings`` are the first `MOST_FINDINGS` of ``count``.

    ``head`` is the hash with which the chain ends, at link ``links``; None where there is no chain: in a
    ledger that an older version wrote, whose chain begins with the next run.
    """

    requests: int
    events: int
    runs: int
    links: int
    head: str | None
    findings: tuple[Finding, ...]
    count: int

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return self.count == 0
