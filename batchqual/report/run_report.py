"""What a report is made of: values only, no file and no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..model import InputFile, Problem, RowResult

__all__ = ["ErrorNote", "Requests", "RunReport"]


@dataclass(frozen=True, slots=True)
class Requests:
    """Tries on the wire by method; ``throttled`` were answered 429, ``retried`` were repeats."""

    get: int = 0
    post: int = 0
    put: int = 0
    throttled: int = 0
    retried: int = 0


@dataclass(frozen=True, slots=True)
class ErrorNote:
    """Why a run ended early: a stable ``code``, what happened, and what to do."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RunReport:
    """Everything a report says.

    ``rows`` stand in input order and are walked several times, so a lazy sequence will do. ``earlier`` are
    open requests of earlier sheets: shown apart, outside the totals. ``columns`` are the
    user's headings, aligned with each row's ``values``. Times are timezone-aware UTC. ``facts`` are the run's
    settings that matter, in the order to show; ``reports`` the paths of reports written so far. Of a run that
    has not ``ended`` (it is still going, or was killed) ``finished_at`` is the moment of this report, and the
    requests are not known.
    """

    run_id: str
    command: str
    files: tuple[InputFile, ...]
    columns: tuple[str, ...]
    rows: Sequence[RowResult]
    started_at: datetime
    finished_at: datetime
    exit_code: int
    earlier: Sequence[RowResult] = ()
    notices: tuple[Problem, ...] = ()
    requests: Requests = Requests()
    error: ErrorNote | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    reports: tuple[str, ...] = ()
    ended: bool = True

    @property
    def rows_in(self) -> int:
        """Rows that the input files hold, as counted when they were read; without files, the rows at hand."""
        return sum(file.rows for file in self.files) if self.files else len(self.rows)
