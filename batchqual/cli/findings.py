"""Findings about the input, as a person reads them: in row order, each with its place; what occurs often is
shown three times and then counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from batchqual.model import Outcome
from batchqual.telemetry import neutral

if TYPE_CHECKING:
    from rich.console import RenderableType

    from batchqual.model import InputFile, InputRow, Problem
    from batchqual.report import RunReport

__all__ = ["Finding", "findings_of", "headings_hint", "notes_of", "on_screen", "plain"]

_SHOWN = 3
_LONGEST_NAME = 40
_PLAIN_SHEET = re.compile(r"\w+").fullmatch
_STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}

_Kind = tuple[str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: an error, a warning or a note, where it is, and what it says."""

    level: str
    file: str
    place: str
    words: str


@dataclass(slots=True)
class _Group:
    """How often a kind of finding occurs, how often it was said, and the rows that were not."""

    count: int = 0
    said: int = 0
    rows: list[int] = field(default_factory=list)


def findings_of(report: RunReport) -> list[Finding]:
    """All that `check` found: what concerns a file first, then row by row."""
    return _grouped(report, list(_found(report)))


def notes_of(report: RunReport) -> list[Finding]:
    """What a run has to remark: the same, of its notices."""
    if not report.notices:
        return []
    rows = {(one.row.source, one.row.row): (place, one.row) for place, one in enumerate(report.rows)}
    placed = [(rows.get((note.source, note.row or 0)), note) for note in report.notices]
    placed.sort(key=lambda one: one[0][0] if one[0] is not None else -1)
    return _grouped(report, [("note", note, where[1] if where else None) for where, note in placed])


def plain(finding: Finding) -> str:
    """On one line, to be searched and to be read aloud."""
    place = ", ".join(filter(None, (finding.file, finding.place)))
    return neutral(": ".join(filter(None, (finding.level, place, finding.words))))


def on_screen(findings: Sequence[Finding]) -> RenderableType:
    """For a terminal of any width: the place on a line of its own, and what it says below."""
    from rich.table import Table
    from rich.text import Text

    files = {finding.file for finding in findings}
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    if len(files) == 1:
        grid.add_row("", Text(neutral(*files), style="bold"))
    for finding in findings:
        place = f"{finding.place[:1].upper()}{finding.place[1:]}"
        if len(files) > 1:
            place = ", ".join(filter(None, (finding.file, finding.place)))
        lines = [Text(neutral(place), style="bold")] if place else []
        lines.append(Text(neutral(finding.words)))
        grid.add_row(Text(finding.level, style=_STYLES[finding.level]), Text("\n").join(lines))
    return grid


def headings_hint(report: RunReport) -> str:
    """Which headings the input has, when a field that rows need was found under none of them."""
    missing = sorted(
        {
            problem.field
            for result in report.rows
            for problem in result.row.problems
            if problem.code.startswith("missing-") and problem.cell is None and problem.field
        }
    )
    if not missing:
        return ""
    from batchqual.ingest import headings_seen

    options = " ".join(f"--map {name}=HEADING" for name in missing)
    seen = headings_seen(report.columns)
    return neutral(
        f"No column was taken for {' and '.join(missing)}. {seen} If one of them is meant: {options}"
    )


def _found(report: RunReport) -> Iterator[tuple[str, Problem, InputRow | None]]:
    for notice in report.notices:
        if notice.row is None:
            yield "warning" if notice.is_warning else "note", notice, None
    for result in report.rows:
        level = "note" if result.verdict.outcome is Outcome.DUPLICATE else "error"
        yield from ((level, problem, result.row) for problem in result.row.problems)
        yield from (("warning", problem, result.row) for problem in result.row.warnings)


def _grouped(report: RunReport, found: Sequence[tuple[str, Problem, InputRow | None]]) -> list[Finding]:
    groups: dict[_Kind, _Group] = {}
    for level, problem, _ in found:
        group = groups.setdefault(_kind(level, problem), _Group())
        group.count += 1
        if group.count > _SHOWN and problem.row is not None:
            group.rows.append(problem.row)
    places = _Places(report)
    lines: list[Finding] = []
    for level, problem, row in found:
        group = groups[_kind(level, problem)]
        group.said += 1
        if group.said <= _SHOWN:
            lines.append(Finding(level, problem.source, places.of(problem, row), _words(problem)))
        if group.said == _SHOWN < group.count:
            lines.append(Finding(level, problem.source, _range(group.rows), _rest(problem, group)))
    return lines


def _kind(level: str, problem: Problem) -> _Kind:
    return level, problem.source, problem.code, problem.field


def _range(rows: Sequence[int]) -> str:
    return f"rows {min(rows)} to {max(rows)}" if len(set(rows)) > 1 else f"row {rows[0]}" if rows else ""


def _rest(problem: Problem, group: _Group) -> str:
    about = f"{problem.field}, {problem.code}" if problem.field else problem.code
    return f"{group.count - _SHOWN:,} more like the three before ({about})."


def _words(problem: Problem) -> str:
    return f"{problem.message} Accepted: {problem.example}." if problem.example else problem.message


class _Places:
    """Where a problem is, in the user's own words: row, customer, sheet, cell and heading."""

    def __init__(self, report: RunReport) -> None:
        self._columns = report.columns
        names = Counter(_name(file) for file in report.files)
        self._files: dict[str, InputFile] = {}
        for file in report.files:
            self._files[_name(file) if names[_name(file)] == 1 else file.path] = file

    def of(self, problem: Problem, row: InputRow | None) -> str:
        """``row 17 (Northpole School), Customers!B17 “Microsoft ID”``; empty where only the file is known."""
        parts = []
        if problem.row is not None:
            parts.append(f"row {problem.row}{_customer(row)}")
        if problem.cell is not None:
            parts.append(self._cell(problem))
        return ", ".join(parts)

    def _cell(self, problem: Problem) -> str:
        file = self._files.get(problem.source)
        if file is None:
            return problem.cell or ""
        sheet = f"{_quoted(file.sheet)}!" if file.sheet else ""
        index = dict(file.fields).get(problem.field or "")
        heading = self._columns[index] if index is not None and index < len(self._columns) else ""
        return f"{sheet}{problem.cell}" + (f" “{heading}”" if heading else "")


def _name(file: InputFile) -> str:
    return re.split(r"[\\/]", file.path)[-1] if file.path != "-" else "stdin"


def _quoted(sheet: str) -> str:
    return sheet if _PLAIN_SHEET(sheet) else "'{}'".format(sheet.replace("'", "''"))


def _customer(row: InputRow | None) -> str:
    name = " ".join(row.customer_name.split()) if row is not None else ""
    if not name:
        return ""
    return f" ({name})" if len(name) <= _LONGEST_NAME else f" ({name[: _LONGEST_NAME - 1]}…)"
