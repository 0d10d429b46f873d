"""The JSON document of a run, and the ``.json`` report: the same with every row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TextIO, TypeAlias

from ..atomic import written_whole
from ..model import RowResult
from .balance import reconcile
from .columns import COLUMNS, heading_of, our_values
from .run_report import RunReport
from .times import plain, stamp

__all__ = ["Json", "summary_document", "write"]

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


def summary_document(report: RunReport, *, with_rows: bool = False) -> dict[str, Json]:
    """What ``--json`` prints, keys in their documented order; ``with_rows`` adds every row (all in memory).

    Rows of earlier sheets follow under ``earlier``, where there are any. Raises `errors.Unbalanced`.
    """
    counts = reconcile(report.rows_in, report.rows)
    requests = asdict(report.requests)
    document: dict[str, Json] = {
        "run_id": report.run_id,
        "command": report.command,
        "inputs": [{"path": f.path, "sha256": f.sha256, "rows": f.rows} for f in report.files],
        "rows_in": report.rows_in,
        "outcomes": {outcome.value: count for outcome, count in counts.items()},
        "balanced": True,
        "exit_code": report.exit_code,
        "requests": {name: count if report.ended else None for name, count in requests.items()},
        "started_at": stamp(report.started_at),
        "finished_at": stamp(report.finished_at) if report.ended else None,
        "reports": list(report.reports),
        "error": None,
    }
    if report.error:
        document["error"] = {
            "code": report.error.code,
            "message": report.error.message,
            "hint": report.error.hint,
        }
    if with_rows:
        for name, records in _row_lists(report):
            document[name] = list(records)
    return document


def write(report: RunReport, path: Path) -> Path:
    """Write the ``.json`` report, a row a line; returns the path really written."""
    with written_whole(path) as whole, _text_file(whole.temp) as file:
        file.writelines(_pieces(report))
    return whole.path


def _text_file(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="replace", newline="\n")


def _pieces(report: RunReport) -> Iterator[str]:
    head = json.dumps(summary_document(report), ensure_ascii=False, indent=2)
    yield head.removesuffix("\n}")
    for name, records in _row_lists(report):
        yield f',\n  "{name}": ['
        comma = "\n    "
        for record in records:
            yield comma + json.dumps(record, ensure_ascii=False)
            comma = ",\n    "
        yield "\n  ]"
    yield "\n}\n"


def _row_lists(report: RunReport) -> Iterator[tuple[str, Iterator[Json]]]:
    names = _input_names(report.columns)
    yield "rows", (_record(result, names) for result in report.rows)
    if report.earlier:
        yield "earlier", (_record(result, names) for result in report.earlier)


def _record(result: RowResult, names: Sequence[str]) -> Json:
    theirs: dict[str, Json] = {
        name: plain(value) for name, value in zip(names, result.row.values, strict=False)
    }
    record: dict[str, Json] = {"input": theirs}
    for column, value in zip(COLUMNS, our_values(result), strict=True):
        record[column.name] = plain(value)
    return record


def _input_names(columns: Sequence[str]) -> list[str]:
    """The user's headings as keys: a repeated one is numbered, so that no value is lost."""
    names: list[str] = []
    for name in columns:
        taken = {other.strip().casefold() for other in names}
        names.append(name if name not in names else heading_of(name, "again", taken))
    return names
