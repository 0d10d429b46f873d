"""Outcomes and exit codes in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from ..model import Attention, Outcome
from .run_report import RunReport

__all__ = ["EXIT_MEANINGS", "OUTCOME_MEANINGS", "headline"]

OUTCOME_MEANINGS = {
    Outcome.APPROVED: "The service shows it as approved, and batchqual submitted it, in this run or earlier.",
    Outcome.ALREADY_QUALIFIED: "The customer had it already; nothing was submitted.",
    Outcome.DUPLICATE: "The same as an earlier row, which counts.",
    Outcome.NOT_ATTEMPTED: "Would be sent; a limit, a stop or an interruption came first.",
    Outcome.IN_REVIEW: "Accepted by the service; vetting has not settled, which can take days.",
    Outcome.DENIED: "Vetting said no; the reason is shown.",
    Outcome.INVALID: "The row cannot be sent as it stands; nothing was sent.",
    Outcome.CONFLICT: "The row is valid, but contradicts another row or what the service holds; not sent.",
    Outcome.FAILED: "The service refused it for good, or did not answer the look-ups.",
    Outcome.UNKNOWN: "Sent, but the answer was lost, and looks could not yet tell whether it arrived.",
}

EXIT_MEANINGS = {
    0: "every row is quiet",
    1: "unexpected failure of the program or the machine",
    2: "wrong usage or settings; nothing was sent",
    3: "finished, and some row needs attention",
    4: "finished; none needs attention, some are still in review",
    10: "input cannot be read",
    11: "the ledger is in use, or cannot be used",
    12: "sign-in needed, or refused",
    13: "stopped",
    130: "interrupted",
}


def headline(report: RunReport, counts: Mapping[Outcome, int]) -> str:
    """The whole run in a sentence or two: ``40 rows: 30 approved, 10 in review. Nothing needs attention.``"""
    rows = f"{report.rows_in:,} row{'' if report.rows_in == 1 else 's'}"
    parts = [f"{count:,} {outcome.words.lower()}" for outcome, count in counts.items() if count]
    needed = sum(count for outcome, count in counts.items() if outcome.attention is Attention.NEEDED)
    told = "Nothing needs attention."
    if needed:
        told = f"{needed:,} need{'s' if needed == 1 else ''} attention."
    return f"{rows}: {', '.join(parts)}. {told}" if parts else f"{rows}. {told}"
