"""The end of a run: what became of the rows, where the report is, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from batchqual.model import Attention, Outcome
from batchqual.telemetry import count_of

from . import console
from .voice import Voice

if TYPE_CHECKING:
    from rich.table import Table

    from batchqual.report import RunReport
    from batchqual.settings import Settings

__all__ = ["conclude", "next_steps", "summary_table"]

_NOTICES_SHOWN = 12
_STYLES = {Attention.QUIET: "green", Attention.WAITING: "yellow", Attention.NEEDED: "red"}


def conclude(report: RunReport, settings: Settings, voice: Voice) -> None:
    """Tell a person on standard error; standard output gets the paths of the reports, or the JSON document.

    Raises Unbalanced.
    """
    from batchqual.report import reconcile, summary_document

    counts = reconcile(report.rows_in or len(report.rows), report.rows)
    document = summary_document(report) if settings.json_output else None
    _notices(report, voice)
    voice.table(summary_table(counts))
    if report.error is not None:
        voice.error(report.error.message, report.error.hint, code=report.error.code)
    for sentence in next_steps(report, counts):
        voice.say(sentence)
    _tell_reports(report, settings, voice)
    if document is not None:
        console.json_data(document)


def summary_table(counts: Mapping[Outcome, int]) -> Table:
    """Outcomes with their counts, and the sum, which is the number of rows that came in."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Outcome")
    table.add_column("Rows", justify="right")
    table.add_column("Class")
    for outcome, count in counts.items():
        if count:
            style = _STYLES[outcome.attention]
            table.add_row(outcome.words, f"{count:,}", outcome.attention.value, style=style)
    table.add_section()
    table.add_row("Rows in", f"{sum(counts.values()):,}", "balanced", style="bold")
    return table


def next_steps(report: RunReport, counts: Mapping[Outcome, int]) -> list[str]:
    """What the user should know and do now, in sentences."""
    attention = sum(count for outcome, count in counts.items() if outcome.attention is Attention.NEEDED)
    review, unsent = counts[Outcome.IN_REVIEW], counts[Outcome.NOT_ATTEMPTED]
    steps = [f"{name}: {report.facts[name]}." for name in _PLAN_FACTS if name in report.facts]
    if attention:
        rows = count_of(attention, "row needs", "rows need")
        steps.append(f"{rows} attention: {_where(report)}.")
    if review:
        steps.append(
            f"{count_of(review, 'row is', 'rows are')} in review. {_AFTER_REVIEW.get(report.command, _WAIT)}"
        )
    if unsent and report.error is None:
        steps.append(_unsent(report).format(rows=count_of(unsent, "row")))
    if report.earlier:
        words = ("request of earlier sheets was", "requests of earlier sheets were")
        steps.append(f"Besides, {count_of(len(report.earlier), *words)} open.")
    if not steps and report.error is None:
        steps.append("Nothing is left to do.")
    return steps


_PLAN_FACTS = ("Would submit", "Would cost")
_WAIT = "Vetting takes days: give the same command again tomorrow, or `batchqual resume`."
_AFTER_REVIEW = {
    "rehearse": "The rehearsal ended before vetting did: --wait gives it more time.",
    "resume": "Vetting takes days: give `batchqual resume` again tomorrow.",
    "plan": "A run looks at them again.",
}
_CANARY = "{rows} not attempted yet: the same command without --first goes on."
_BY_FIRST = ("limit-first", None)
_OTHERWISE = "{rows} not attempted yet: the report says of each why; the same command goes on."
_UNSENT = {
    "plan": "{rows} would be submitted: `batchqual run` with the same input does it.",
    "check": "{rows} found sound: `batchqual plan` with the same input looks at the customers.",
    "resume": "{rows} not attempted yet: `batchqual run` with their sheet sends them.",
}


def _unsent(report: RunReport) -> str:
    if report.command in _UNSENT:
        return _UNSENT[report.command]
    unsent = (row.verdict for row in report.rows if row.verdict.outcome is Outcome.NOT_ATTEMPTED)
    return _CANARY if all(verdict.error_code in _BY_FIRST for verdict in unsent) else _OTHERWISE


def _where(report: RunReport) -> str:
    if report.command == "check" and not report.reports:
        return "the lines above say what to correct, and --report FILE.xlsx names every row"
    if _has_workbook(report):
        return "the sheet Needs attention of the report says what to do about each"
    return "the column what_to_do of the report says what to do about each"


def _has_workbook(report: RunReport) -> bool:
    return any(path.lower().endswith(".xlsx") for path in report.reports)


def _notices(report: RunReport, voice: Voice) -> None:
    if report.command == "check":
        return  # they are its findings, and were told
    from .findings import notes_of, on_screen, plain

    notes = notes_of(report)
    shown = notes[:_NOTICES_SHOWN]
    if console.stderr_is_terminal() and shown:
        voice.table(on_screen(shown))
    else:
        for note in shown:
            voice.say(plain(note))
    if (more := len(notes) - len(shown)) > 0:
        where = ": the sheet Summary of the report has all of them" if _has_workbook(report) else ""
        voice.say(f"{count_of(more, 'more note')}{where}.")


def _tell_reports(report: RunReport, settings: Settings, voice: Voice) -> None:
    misplaced = report.error is not None and report.error.code in ("report-elsewhere", "report-lost")
    for asked, written in zip(settings.report, () if misplaced else report.reports, strict=False):
        if str(asked) != written:
            voice.say(f"{asked} is open in another program; the report is in a file beside it.")
    if settings.json_output or voice.structured:
        for path in report.reports:
            voice.say(f"Report: {path}")
    elif report.reports:
        voice.say("Report:") if console.stdout_is_terminal() else None
        console.data_lines(report.reports)
