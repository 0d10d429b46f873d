"""The way in: files to rows, each with a request or with everything that is wrong with it."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO

from batchqual.errors import InputError
from batchqual.model import Cell, InputFile, InputRow, Intake, Problem

from .crossrow import compare_rows
from .delimited import read_delimited
from .headings import headings_seen, key
from .kinds import Kind, kind_of, suffix_lies
from .layout import Layout, lay_out
from .reading import Reading
from .reports import is_report, of_results
from .rules import RowRules
from .sheetchoice import lay_out_workbook
from .sources import Source, expand, labels, open_source
from .table import RawTable
from .workbook import opened_workbook

__all__ = ["read"]


def read(paths: Sequence[str], reading: Reading, *, stdin: BinaryIO | None = None) -> Intake:
    """Read one or more files (wildcards are expanded; ``-`` is CSV on ``stdin``) as one input.

    Every row that is not blank comes back, in order, with a request or with its problems. Raises InputError,
    with a hint, for a file that cannot be read or has no usable heading.
    """
    names, notices = expand(paths, reading.limits)
    sources = labels(names)
    with _without_collector():
        return _read(sources, reading, stdin, notices)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Rows make no cycles, and the collector would walk all of them again for each few thousand that come."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(sources: list[Source], reading: Reading, stdin: BinaryIO | None, notices: list[Problem]) -> Intake:
    layouts = [_laid_out(source, reading, stdin, lenient=len(sources) > 1) for source in sources]
    _check_mapping_used(layouts, reading)
    _warn_of_reports([layout.table for layout in layouts])
    columns, places = _union(layouts)
    rows: list[InputRow] = []
    files: list[InputFile] = []
    for source, layout, place in zip(sources, layouts, places, strict=True):
        before = len(rows)
        _require_qualification(layout, reading)
        _judge(layout, reading, rows, place, len(columns))
        table = layout.table
        if len(rows) == before:
            table.notice("no-rows", "there are headings and no rows below them.")
        fields = {field: place[column] for field, column in layout.fields.items() if column < len(place)}
        files.append(
            InputFile(source.path, table.sha256, len(rows) - before, table.sheet, tuple(fields.items()))
        )
        notices.extend(table.notices)
    compare_rows(rows)
    return Intake(tuple(files), columns, tuple(rows), tuple(notices))


def _laid_out(source: Source, reading: Reading, stdin: BinaryIO | None, *, lenient: bool) -> Layout:
    stream, digest = open_source(source, stdin, reading.limits)
    table = RawTable(source.label, digest)
    with stream:
        kind = kind_of(source, stream, reading.limits)
        if is_report(stream, reading.limits):
            table.of_report = True
            reading = reading if kind is Kind.DELIMITED else of_results(reading)
        if kind is Kind.DELIMITED:
            if reading.sheet is not None:
                table.notice("sheet-ignored", "a text file has no sheets; --sheet does not apply to it.")
            read_delimited(stream, table, reading)
            return lay_out(table, reading, lenient=lenient)
        if reading.encoding is not None:
            table.notice("encoding-ignored", "a workbook has no encoding; --encoding does not apply to it.")
        if suffix_lies(source, kind):
            table.notice(
                "misnamed", f"the file is an {kind.value}, whatever its name says; it is read as one."
            )
        with opened_workbook(kind, stream, table, reading) as workbook:
            return lay_out_workbook(workbook, table, reading, lenient=lenient)


def _warn_of_reports(tables: Sequence[RawTable]) -> None:
    """A shell that expands wildcards names every report outright, and its rows come twice."""
    if all(table.of_report for table in tables):
        return
    for table in tables:
        if table.of_report:
            table.notice(
                "report-among-sheets",
                "this is a report of batchqual, and it is read because it was named. If the shell put it in"
                ' the place of a wildcard, put the wildcard in quotation marks ("*.xlsx"): then reports are'
                " passed over.",
            )


def _check_mapping_used(layouts: Sequence[Layout], reading: Reading) -> None:
    for field in reading.mapping:
        if all(field not in layout.mapped for layout in layouts):
            raise InputError(
                f"No file has a column “{reading.mapping[field]}” for {field}.",
                hint=f"Check the spelling in --map. {headings_seen(_all_columns(layouts))}",
                code="no-such-heading",
            )


def _all_columns(layouts: Sequence[Layout]) -> Iterable[str]:
    return dict.fromkeys(name for layout in layouts for name in layout.columns)


def _require_qualification(layout: Layout, reading: Reading) -> None:
    if "qualification" in layout.fields or reading.qualification is not None:
        return
    raise InputError(
        f"{layout.table.path}: there is no column that says which qualification is wished.",
        hint="Say it for all rows with --qualification Education (or GCC, StateOwnedEntity), add a column"
        " “qualification”, or name one with --map qualification=HEADING."
        f" {headings_seen(layout.columns)}",
        code="no-qualification",
    )


def _judge(layout: Layout, reading: Reading, rows: list[InputRow], place: list[int], width: int) -> None:
    rules = RowRules(layout, reading)
    aligned = place == list(range(width))
    cells = layout.table.cells
    for index in range(layout.heading[2], len(cells)):
        row = rules.judge(len(rows), index)
        cells[index] = ()  # each row is held once
        rows.append(row if aligned else _placed(row, place, width))


def _placed(row: InputRow, place: list[int], width: int) -> InputRow:
    values: list[Cell] = [None] * width
    formats: list[str | None] = [None] * width
    for value, column in zip(row.values, place, strict=True):
        values[column] = value
    for code, column in zip(row.formats, place, strict=False):
        formats[column] = code
    return replace(row, values=tuple(values), formats=tuple(formats) if row.formats else ())


def _union(layouts: Sequence[Layout]) -> tuple[tuple[str, ...], list[list[int]]]:
    """All columns in order of first appearance, and where each table's own columns went."""
    columns: list[str] = []
    exact: dict[str, int] = {}
    folded: dict[str, int] = {}
    places: list[list[int]] = []
    for layout in layouts:
        place: list[int] = []
        for name in layout.columns:
            at = exact.get(name, folded.get(key(name)))
            if at is None or at in place:
                at = len(columns)
                columns.append(name)
                exact.setdefault(name, at)
                folded.setdefault(key(name) or name, at)
            place.append(at)
        places.append(place)
    return tuple(columns), places
