"""One attack on the program: it is killed in the middle of its work, runs on to the end, and is held to
account by the books of a service that does not deduplicate."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from support.nursery import Life, Nursery
from support.sheets import csv_file

from batchqual.simulator import Customer, Fault, Simulator, SimulatorSettings, World
from batchqual.simulator.bodies import Wish
from batchqual.simulator.rules import HELD_ALREADY, Refusal, Rules

__all__ = ["Attack", "Damage", "Kill", "Scene", "attacked"]

Kill = Mapping[str, Sequence[int]] | float
"""Arrivals at fail points, from 1, or seconds from a run's birth."""

_OPTIONS: Mapping[str, str] = {
    "rate": "none",
    "wait": "5s",
    "poll-min": "0.05s",
    "poll-max": "0.2s",
    "patience": "0.3s",
}
_HEADINGS = ("customer_id", "qualification", "education_segment", "validation_code", "domain")
_NAMES = {"Education": "Education", "GCC": "GovernmentCommunityCloud", "SOE": "StateOwnedEntity"}
_MOST_RUNS = 4


@dataclass(frozen=True, slots=True)
class Scene:
    """What is attacked.

    ``rows`` have ID, qualification, segment, code and domain. ``accepted`` says of each wish how often the
    service is to take it, in the attacked run and after it; ``outcomes`` what the last report says of each
    row. ``faults`` befall the first writes of the attacked run; ``interrupts`` are arrivals at which it gets
    SIGINT. ``service`` is that of the attacked run, ``mended`` that of the runs after it. ``before`` is done
    first.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    accepted: Mapping[tuple[str, str], int]
    outcomes: tuple[str, ...]
    service: SimulatorSettings
    world: Callable[[], World] = World
    options: Mapping[str, str] = field(default_factory=dict)
    attacked_options: Mapping[str, str] = field(default_factory=dict)
    reports: tuple[str, ...] = ("json",)
    faults: tuple[Fault, ...] = ()
    interrupts: Mapping[str, Sequence[int]] = field(default_factory=dict)
    mended: SimulatorSettings | None = None
    before: Callable[[Attack], Awaitable[None]] | None = None


class Credulous(Rules):
    """Takes a wish that it has taken already: a service that refused it would hide that it came twice."""

    def refusal(self, world: World, customer: Customer, wish: Wish, *, synchronous: bool) -> Refusal | None:
        """As others do, but for that."""
        found = super().refusal(world, customer, wish, synchronous=synchronous)
        return None if found is HELD_ALREADY else found


@dataclass(slots=True)
class Damage:
    """What an attack has done: nothing, if all is well."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled)


@dataclass(slots=True)
class Attack:
    """A scene in a folder of its own."""

    scene: Scene
    folder: Path
    home: Nursery
    stack: AsyncExitStack
    world: World
    environ: dict[str, str]
    simulators: list[Simulator] = field(default_factory=list)
    rows: tuple[tuple[str, ...], ...] = ()
    runs: int = 0
    since: int = 0
    damage: Damage = field(default_factory=Damage)

    @property
    def simulator(self) -> Simulator:
        """The service of now."""
        return self.simulators[-1]

    @property
    def ledger(self) -> Path:
        """The kept ledger."""
        return self.folder / "ledger.sqlite3"

    async def serve(self, settings: SimulatorSettings) -> None:
        """From now on this is the service, at the same address, with the same world."""
        port = 0
        if self.simulators:
            port = int(self.simulator.base_url.rpartition(":")[2])
            await self.simulator.stop()
        simulator = Simulator(replace(settings, port=port), self.world)
        rules = simulator._desk._service._rules
        simulator._desk._service._rules = Credulous(
            rules.require_segment, rules.combination_status, rules.education_attempts
        )
        await simulator.start()
        self.stack.push_async_callback(simulator.stop)
        self.simulators.append(simulator)

    def count_from_here(self) -> None:
        """What was accepted before the service of now is not counted."""
        self.since = len(self.simulators) - 1

    def accepted(self) -> Counter[tuple[str, str]]:
        """How often each wish was taken, over all services that count."""
        return sum((Counter(one.books.accepted) for one in self.simulators[self.since :]), Counter())

    def posts(self) -> int:
        """Submissions that arrived at the service of now."""
        return self.simulator.books.count("POST") + self.simulator.books.count("PUT")

    async def run(
        self,
        kill: Kill | None = None,
        *,
        interrupts: Mapping[str, Sequence[int]] | None = None,
        **options: str,
    ) -> Life:
        """The whole `run` command, killed or not."""
        self.runs += 1
        rows = ((*row, *[""] * (len(_HEADINGS) - len(row))) for row in self.rows)
        path = csv_file(self.folder, [_HEADINGS, *rows])
        named = {
            "base-url": self.simulator.base_url,
            "ledger": str(self.ledger),
            **_OPTIONS,
            **self.scene.options,
            **options,
        }
        said = [f"--{name}" if value == "on" else f"--{name}={value}" for name, value in named.items()]
        reports = [f"--report=report-{self.runs}.{suffix}" for suffix in self.scene.reports]
        deaths = dict(kill) if isinstance(kill, Mapping) else {}
        for point, which in (interrupts or {}).items():
            deaths[f"SIGINT {point}"] = which
        life = await self.home.live(
            self.folder,
            ["run", path, "--yes", *said, *reports],
            environ=self.environ,
            deaths=deaths,
            dies_after=kill if isinstance(kill, float) else None,
        )
        self._inspect(life)
        return life

    async def attack(self, *kills: Kill) -> list[Life]:
        """The attacked run, once for each kill; without any, it lives."""
        self.simulator.inject(*self.scene.faults, scope="writes")
        options = dict(self.scene.attacked_options)
        interrupts = self.scene.interrupts
        return [await self.run(kill, interrupts=interrupts, **options) for kill in kills or (None,)]

    async def end(self, *, twice: bool = True) -> None:
        """Run on to the end, and once more if it is to be done ``twice``; look for damage."""
        if self.scene.mended is not None:
            await self.serve(self.scene.mended)
        life = await self.run()
        for _ in range(_MOST_RUNS - 1):
            if life.exit_code == self.calm_exit_code:
                break
            life = await self.run()
        else:
            self.damage.lost.append(f"no quiet end: exit code {life.exit_code}: {life.err}")
        self._compare()
        if not twice:
            return
        before = self.posts()
        await self.run()
        if self.posts() != before:
            self.damage.doubled.append("a second run submits again")
        self._compare()

    @property
    def calm_exit_code(self) -> int:
        """How the last run ends."""
        return 3 if {"invalid", "denied", "conflict"} & set(self.scene.outcomes) else 0

    def _inspect(self, life: Life) -> None:
        """After each run, killed or not: the ledger is sound, and a report is whole or not there."""
        if "Traceback" in life.err or life.exit_code in (1, 11):
            self.damage.lost.append(f"the run ended with {life.exit_code}: {life.err}")
        if self.ledger.exists() and self.ledger.stat().st_size:
            with closing(sqlite3.connect(self.ledger)) as connection:
                found = [
                    *connection.execute("PRAGMA integrity_check"),
                    *connection.execute("PRAGMA foreign_key_check"),
                ]
            if found != [("ok",)]:
                self.damage.lost.append(f"the ledger is damaged: {found}")
        path = self.folder / f"report-{self.runs}.json"
        if path.exists():
            try:
                json.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                self.damage.lost.append(f"half a report: {error}")
        elif not life.killed:
            self.damage.lost.append(f"no report after exit code {life.exit_code}: {life.err}")

    def _compare(self) -> None:
        """The books against the wishes, the report against the rows."""
        taken = self.accepted()
        wished = {(customer, _NAMES[name]): n for (customer, name), n in self.scene.accepted.items()}
        for wish in sorted(taken.keys() | wished.keys()):
            if taken[wish] > wished.get(wish, 0):
                self.damage.doubled.append(f"{wish} was accepted {taken[wish]} times")
            elif taken[wish] < wished.get(wish, 0):
                self.damage.lost.append(f"{wish} was accepted {taken[wish]} times")
        used = sum((Counter(one.books.creates_used) for one in self.simulators[self.since :]), Counter())
        gcc = sum(n for (_, name), n in self.scene.accepted.items() if name == "GCC")
        if used.total() != gcc:
            (self.damage.doubled if used.total() > gcc else self.damage.lost).append(
                f"creates used: {dict(used)}"
            )
        self._compare_report()

    def _compare_report(self) -> None:
        path = self.folder / f"report-{self.runs}.json"
        if not path.exists():
            return  # told already
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        rows = document["rows"]
        totals = {name: n for name, n in document["outcomes"].items() if n}
        told = [(row["row"], row["outcome"]) for row in rows]
        if [*enumerate(self.scene.outcomes, start=2)] != told:
            self.damage.lost.append(f"the report says {told}: {[row['error_message'] for row in rows]}")
        if totals != Counter(row["outcome"] for row in rows) or document["rows_in"] != len(rows):
            self.damage.lost.append(f"the totals do not balance: {totals}, rows in {document['rows_in']}")


def _environ(folder: Path) -> dict[str, str]:
    """A home of its own, and nothing of ours."""
    home = str(folder)
    names = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONUTF8": "1",
        "BATCHQUAL_ACCESS_TOKEN": "a-token",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        **dict.fromkeys(names, home),
    }


@asynccontextmanager
async def attacked(scene: Scene, folder: Path, home: Nursery) -> AsyncIterator[Attack]:
    """The scene, made ready: its service is on, and what comes before the attacked run is done."""
    folder.mkdir(parents=True)  # noqa: ASYNC240 - a moment, in a test
    async with AsyncExitStack() as stack:
        attack = Attack(scene, folder, home, stack, scene.world(), _environ(folder), rows=scene.rows)
        await attack.serve(scene.service)
        if scene.before is not None:
            await scene.before(attack)
        yield attack
