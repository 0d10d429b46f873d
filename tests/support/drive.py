"""Whole runs in one line: settings with times pressed together, and the report as its JSON file tells it."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from batchqual.clock import Clock
from batchqual.composition import Command, Confirm, run
from batchqual.events import Event, Listener, deaf
from batchqual.partnercenter import Limits, Privileges, RetryPolicy, TokenProvider
from batchqual.pipeline import StopSwitch
from batchqual.report import RunReport
from batchqual.settings import Settings, load_settings

from .sheets import HEADINGS, csv_file, customer

__all__ = ["PATIENCE", "Drive", "Told", "education", "quick_settings", "sheet", "stop_after"]

PATIENCE = 0.3
QUICK: Mapping[str, object] = {
    "rate": "none",
    "wait": "5s",
    "poll_min": "0.05s",
    "poll_max": "0.2s",
    "patience": f"{PATIENCE}s",
    "yes": True,
}


def quick_settings(
    *, environ: Mapping[str, str] | None = None, token: str = "a-token", **flags: object
) -> Settings:
    """The settings of a run whose days pass in moments; ``flags`` are named as in the settings."""
    secrets = {"BATCHQUAL_ACCESS_TOKEN": token} if token else {}
    return load_settings({**QUICK, **flags}, environ={**secrets, **(environ or {})})


def sheet(folder: Path, *rows: Sequence[str], name: str = "customers.csv") -> str:
    """A CSV file of rows below `HEADINGS`; short rows are filled up with empty cells."""
    return csv_file(
        folder, [HEADINGS, *((*row, *[""] * (len(HEADINGS) - len(row))) for row in rows)], name=name
    )


def education(folder: Path, *numbers: int, name: str = "customers.csv") -> str:
    """A CSV file that asks for Education, K12, for invented customers."""
    return sheet(folder, *((customer(number), "Education", "K12") for number in numbers), name=name)


def stop_after(kind: type[Event], times: int = 1) -> tuple[StopSwitch, Listener]:
    """A switch, and a listener that presses it at the ``times``-th event of a kind."""
    stop, heard = StopSwitch(), Counter[type[Event]]()

    def listen(event: Event) -> None:
        heard[type(event)] += 1
        if heard[kind] == times:
            stop.press()

    return stop, listen


@dataclass(frozen=True, slots=True)
class Told:
    """What a run gave back, and what its JSON report says."""

    report: RunReport
    document: dict[str, Any]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the JSON report."""
        rows: list[dict[str, Any]] = self.document["rows"]
        return rows

    @property
    def earlier(self) -> list[dict[str, Any]]:
        """Those of earlier sheets."""
        earlier: list[dict[str, Any]] = self.document.get("earlier", [])
        return earlier

    @property
    def outcomes(self) -> list[str]:
        """The outcomes, in input order."""
        return [row["outcome"] for row in self.rows]

    @property
    def totals(self) -> Counter[str]:
        """How many rows of each outcome."""
        return Counter(self.outcomes)

    @property
    def exit_code(self) -> int:
        """The exit code of the run."""
        return self.report.exit_code

    @property
    def warnings(self) -> list[str]:
        """The codes of everything that is worth a warning."""
        return [notice.code for notice in self.report.notices]


@dataclass(slots=True)
class Drive:
    """Runs, one after the other, against one service with one ledger in one folder."""

    folder: Path
    base_url: str
    flags: dict[str, object] = field(default_factory=dict)
    token: str = "a-token"
    environ: dict[str, str] = field(default_factory=dict)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)

    @property
    def ledger(self) -> Path:
        """The kept ledger."""
        return self.folder / "ledger.sqlite3"

    def settings(self, **flags: object) -> Settings:
        """The settings of the next run; its report has a number of its own."""
        own = {
            "base_url": self.base_url,
            "ledger": str(self.ledger),
            "report": [str(self.folder / f"report-{next(self.numbers)}.json")],
        }
        return quick_settings(environ=self.environ, token=self.token, **{**own, **self.flags, **flags})

    async def __call__(
        self,
        *sheets: str,
        command: Command = "run",
        say: Listener = deaf,
        stop: StopSwitch | None = None,
        confirm: Confirm | None = None,
        tokens: TokenProvider | Privileges | None = None,
        limits: Limits | None = None,
        retry: RetryPolicy | None = None,
        clock: Clock | None = None,
        **flags: Any,
    ) -> Told:
        """One run. ``flags`` are settings of this run alone."""
        bounds = {"limits": limits, "retry": retry, "clock": clock}
        given: dict[str, Any] = {name: value for name, value in bounds.items() if value is not None}
        given |= {"confirm": confirm, "say": say, "stop": stop, "tokens": tokens}
        report = await run(command, sheets, self.settings(**flags), **given)
        return Told(report, _document(report.reports))


def _document(reports: Sequence[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(reports[0]).read_text(encoding="utf-8"))
    return document
