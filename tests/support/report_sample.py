"""An invented run for tests of reports: every outcome, awkward cells, and rows of an earlier sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from batchqual.model import (
    ABSENT,
    Cell,
    EducationSegment,
    InputFile,
    InputRow,
    Outcome,
    Problem,
    Qualification,
    QualificationRequest,
    RowResult,
    Verdict,
)
from batchqual.report import ErrorNote, Requests, RunReport

__all__ = ["COLUMNS", "FINISHED", "STARTED", "SUBMITTED", "full_report", "guid", "report_of", "result"]

STARTED = datetime(2026, 11, 20, 22, 0, 0, tzinfo=UTC)
FINISHED = datetime(2026, 11, 20, 22, 41, 30, tzinfo=UTC)
SUBMITTED = datetime(2026, 11, 18, 10, 41, 30, tzinfo=UTC)

COLUMNS = ("Company", "Microsoft ID", "Wish", "Code", "Contract Start", "Seats", "Outcome", "Note")


def guid(number: int) -> str:
    """A GUID that is clearly nobody's."""
    return f"00000000-0000-4000-8000-{number:012d}"


def result(
    position: int,
    verdict: Verdict | Outcome,
    *,
    qualification: Qualification = Qualification.EDUCATION,
    values: Sequence[Cell] | None = None,
    name: str = "",
    request: bool = True,
    problems: tuple[Problem, ...] = (),
    warnings: tuple[Problem, ...] = (),
    code: str | None = None,
) -> RowResult:
    """Row ``position + 2`` of ``customers.xlsx`` with its verdict."""
    asked = QualificationRequest(
        guid(position),
        qualification,
        segment=EducationSegment.K12 if qualification is Qualification.EDUCATION else None,
        validation_code=code,
    )
    row = InputRow(
        position=position,
        source="customers.xlsx",
        row=position + 2,
        values=tuple(values or ()),
        request=asked if request else None,
        problems=problems,
        warnings=warnings,
        customer_id="" if request else "0000-not-a-guid",
        qualification="" if request else "Edu?",
        customer_name=name,
    )
    return RowResult(row, verdict if isinstance(verdict, Verdict) else Verdict(verdict))


def report_of(*rows: RowResult, columns: tuple[str, ...] = (), **changes: Any) -> RunReport:
    """A small report of these rows."""
    report = RunReport(
        run_id="run-0001",
        command="run",
        files=(InputFile("customers.xlsx", "5e" * 32, len(rows), "Customers"),),
        columns=columns,
        rows=rows,
        started_at=STARTED,
        finished_at=FINISHED,
        exit_code=0,
    )
    return replace(report, **changes)


def full_report() -> RunReport:
    """Every outcome, every kind of cell, notices, an error and an earlier sheet."""
    rows = [result(place, verdict, **more) for place, (verdict, more) in enumerate(_lines())]
    return replace(
        report_of(*rows, columns=COLUMNS),
        exit_code=13,
        earlier=(_earlier(),),
        notices=(
            Problem(
                "fill-handle",
                "Validation codes count up row by row, as Excel's fill handle does.",
                "customers.xlsx",
                cell="D2",
            ),
            Problem("encoding", "Read as cp1252, because it is not UTF-8.", "more.csv"),
        ),
        requests=Requests(get=41, post=9, throttled=2, retried=3),
        error=ErrorNote(
            "too-many-failures",
            "More than 25% of the rows answered in this run failed.",
            "Correct their cause, then run the same command again.",
        ),
        facts={
            "Service": "https://api.partnercenter.example",
            "Partner": "00000000-…-0099",
            "Ledger": "C:\\Users\\kim\\AppData\\Local\\batchqual\\ledger.db",
            "batchqual": "0.1.0",
            "Rate": "5 requests a second",
        },
    )


def _earlier() -> RowResult:
    verdict = Verdict(Outcome.APPROVED, "Approved", submitted_at=SUBMITTED, settled_at=FINISHED, polls=7)
    done = result(3, verdict, name="Earlier Academy")
    return RowResult(replace(done.row, source="last-week.xlsx"), verdict)


def _sent(outcome: Outcome, status: str | None, **more: Any) -> Verdict:
    verdict = Verdict(
        outcome,
        vetting_status=status,
        submitted_at=SUBMITTED,
        attempts=1,
        polls=4,
        http_status=201,
        request_id=guid(900),
        correlation_id=guid(901),
    )
    return replace(verdict, **more)


def _refused(outcome: Outcome, code: str, message: str, **more: Any) -> Verdict:
    verdict = Verdict(outcome, error_code=code, error_message=message)
    return replace(verdict, **more)


def _user(
    name: str, seats: Cell = 120, note: Cell = None, start: Cell = date(2026, 9, 1), code: Cell = None
) -> tuple[Cell, ...]:
    return (name, guid(7).upper(), "EDU", code, start, seats, "todo", note)


_Line = tuple[Verdict, dict[str, Any]]


def _lines() -> list[_Line]:
    return [*_quiet_lines(), *_waiting_lines(), *_denied_lines(), *_unsent_lines(), *_failed_lines()]


def _line(name: str, verdict: Verdict, *cells: Cell, **more: Any) -> _Line:
    return verdict, {"name": name, "values": _user(name, *cells), **more}


def _quiet_lines() -> list[_Line]:
    settled = datetime(2026, 11, 20, 22, 15, 5, 250_000, tzinfo=UTC)
    return [
        _line("Contoso Grundschule Köln", _sent(Outcome.APPROVED, "Approved", settled_at=settled), 1200.5),
        _line("=SUM(A1:A9)", Verdict(Outcome.ALREADY_QUALIFIED, "Approved", polls=1), True, "+49 221 000"),
        _line(
            "مدرسة كونتوسو",
            _refused(Outcome.DUPLICATE, "duplicate", "The same as row 2 of customers.xlsx."),
            -5,
            "@home",
        ),
        _line(
            "Fabrikam Library",
            _refused(Outcome.NOT_ATTEMPTED, "stopped", "The run stopped before this row."),
            3,
            "line one\nline two",
            datetime.fromisoformat("2026-09-01T08:30:00"),
        ),
    ]


def _waiting_lines() -> list[_Line]:
    return [
        _line("Northwind Lyceum", _sent(Outcome.IN_REVIEW, "InReview"), 40, "bell\x07 and _x0041_"),
        _line(
            "Adventure College",
            _sent(
                Outcome.IN_REVIEW,
                None,
                error_code="not-visible-yet",
                error_message="The service does not show it yet.",
                submitted_at=FINISHED - timedelta(hours=6),
            ),
        ),
        _line("Woodgrove School", Verdict(Outcome.IN_REVIEW, "InReview", polls=2), None, "adopted"),
    ]


def _denied_lines() -> list[_Line]:
    reasons = [
        "Not an Education Customer",
        "No longer an Education Customer",
        "Not an Education Customer - After Review",
        "Restricted being an Education Customer",
        "Not an Academic Domain",
        "Not an eligible Library",
        "Not an eligible Museum",
        "Something new",
    ]
    lines = [
        _line(
            f"Litware {place}",
            _sent(
                Outcome.DENIED, "Denied", vetting_reason=reason, attempts=place % 3 + 1, settled_at=FINISHED
            ),
        )
        for place, reason in enumerate(reasons)
    ]
    return [*lines, _line("Reverted School", _sent(Outcome.DENIED, ABSENT, attempts=0))]


def _unsent_lines() -> list[_Line]:
    wrong = (
        Problem(
            "guid", "“0000-not-a-guid” is not a tenant ID.", "customers.xlsx", 18, "B18", example=guid(1)
        ),
        Problem(
            "qualification", "“Edu?” is not a qualification.", "customers.xlsx", 18, "C18", example="EDU"
        ),
    )
    conflict = "The same customer asks for Education in row 2 of customers.xlsx."
    return [
        _line(
            "Tailspin Toys", Verdict(Outcome.INVALID), "N/A", "#N/A", "soon", request=False, problems=wrong
        ),
        _line("Wide World", _refused(Outcome.CONFLICT, "education-with-gcc", conflict)),
        _line(
            "City of Contoso",
            _refused(Outcome.CONFLICT, "unknown-code", "The code 0123456 is not in your list."),
            9,
            None,
            None,
            "0123456",
            qualification=Qualification.GCC,
            code="0123456",
        ),
    ]


def _failed_lines() -> list[_Line]:
    return [
        _line(
            "Proseware",
            _refused(
                Outcome.FAILED,
                "20002",
                "The service answered 403: no relation with this customer.",
                http_status=403,
                attempts=0,
                correlation_id=guid(902),
            ),
        ),
        _line("Humongous", _sent(Outcome.UNKNOWN, None, http_status=None)),
    ]
