"""One attack on the program: it is killed in the middle of its work, runs on to the end, and is held to
account by the books of a service that does not deduplicate."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from support.credulous import credulous
from support.damage import Damage, compare, compare_report, inspect_ledger, inspect_report
from support.key_vault import KeyVault
from support.nursery import Life, Nursery
from support.sheets import csv_file

from batchqual.simulator import Fault, Simulator, SimulatorSettings, World

__all__ = ["Attack", "Kill", "Scene", "attacked"]

Kill = Mapping[str, Sequence[int]] | float
"""Arrivals at fail points, from 1, or seconds from a run's birth."""

EXPORT = "export.csv"
_OPTIONS: Mapping[str, str] = {
    "rate": "none",
    "wait": "5s",
    "poll-min": "0.05s",
    "poll-max": "0.2s",
    "patience": "0.3s",
}
_HEADINGS = ("customer_id", "qualification", "education_segment", "validation_code", "domain")
_MOST_RUNS = 4


@dataclass(frozen=True, slots=True)
class Verb:
    """How a command is said: ``takes`` are the options that it knows (None: all), ``first`` what stands in
    front of them. ``idle``: it leaves the ledger as it is; ``final``: it writes its file once."""

    first: tuple[str, ...] = ()
    takes: frozenset[str] | None = None
    sheet: bool = False
    reports: bool = False
    idle: bool = False
    final: bool = False


_SERVICE = frozenset({"base-url", "ledger", "rate"})
_VERBS: Mapping[str, Verb] = {
    "run": Verb(("--yes",), sheet=True, reports=True),
    "plan": Verb(sheet=True, reports=True),
    "resume": Verb(reports=True),
    "report": Verb(takes=frozenset({"ledger"}), reports=True, idle=True),
    "status": Verb(takes=frozenset({"ledger"}), idle=True),
    "codes": Verb(takes=_SERVICE),
    "customers": Verb((EXPORT,), takes=_SERVICE | {"with-qualifications"}, final=True),
    "login": Verb(("--auth=device-code",), takes=frozenset()),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What is attacked.

    ``rows`` have ID, qualification, segment, code and domain. ``accepted`` says of each wish how often the
    service is to take it, in the attacked run and after it; ``outcomes`` what the last report says of each
    row. ``verb`` is what is attacked; `run` goes on to the end in any case. ``faults`` befall the first
    writes of the attacked run; ``mishaps`` its own arrivals at fail points, by ``SIGINT point``,
    ``REDO point`` or ``DISK point`` (`support.warm`). ``service`` is that of the attacked run, ``mended``
    that of the runs after it. ``before`` is done first, ``check`` last. ``bears``: so many kills at
    random instants; with one more a row might be `unknown` after three sends, and rightly so. ``breaks``: the
    attacked run need not come to an end of its own.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    accepted: Mapping[tuple[str, str], int]
    outcomes: tuple[str, ...]
    service: SimulatorSettings
    world: Callable[[], World] = World
    verb: str = "run"
    options: Mapping[str, str] = field(default_factory=dict)
    attacked_options: Mapping[str, str] = field(default_factory=dict)
    reports: tuple[str, ...] = ("json",)
    faults: tuple[Fault, ...] = ()
    mishaps: Mapping[str, Sequence[int]] = field(default_factory=dict)
    mended: SimulatorSettings | None = None
    before: Callable[[Attack], Awaitable[None]] | None = None
    check: Callable[[Attack], Awaitable[None]] | None = None
    bears: int = 2
    breaks: bool = False

    @property
    def calm_exit_code(self) -> int:
        """How the last run ends."""
        return 3 if {"invalid", "denied", "conflict", "unknown"} & set(self.outcomes) else 0


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
    vault: KeyVault | None = None
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
        simulator = credulous(replace(settings, port=port), self.world)
        await simulator.start()
        self.stack.push_async_callback(simulator.stop)
        self.simulators.append(simulator)

    def count_from_here(self) -> None:
        """What was accepted before the service of now is not counted."""
        self.since = len(self.simulators) - 1

    def accepted(self) -> Counter[tuple[str, str]]:
        """How often each wish was taken, over all services that count."""
        return sum((Counter(one.books.accepted) for one in self.simulators[self.since :]), Counter())

    def creates(self) -> Counter[str]:
        """How many creates of each code were used, over all services that count."""
        return sum((Counter(one.books.creates_used) for one in self.simulators[self.since :]), Counter())

    def posts(self) -> int:
        """Submissions that arrived at the service of now."""
        return self.simulator.books.count("POST") + self.simulator.books.count("PUT")

    async def run(
        self,
        kill: Kill | None = None,
        *,
        verb: str = "run",
        mishaps: Mapping[str, Sequence[int]] | None = None,
        options: Mapping[str, str] | None = None,
    ) -> Life:
        """A whole command, killed or not; afterwards the ledger and the report are looked at."""
        self.runs += 1
        posts, kept = self.posts(), self._dump() if _VERBS[verb].idle else None
        deaths = dict(kill) if isinstance(kill, Mapping) else {}
        life = await self.home.live(
            self.folder,
            self._words(verb, options or {}),
            environ=self.environ,
            deaths={**deaths, **(mishaps or {})},
            dies_after=kill if isinstance(kill, float) else None,
        )
        if verb != "run" and self.posts() != posts:
            self.damage.doubled.append(f"{verb} submits")
        if kept is not None and kept != self._dump():
            self.damage.lost.append(f"{verb} writes into the ledger")
        self._inspect(life, verb)
        return life

    def _words(self, verb: str, options: Mapping[str, str]) -> list[str]:
        said = _VERBS[verb]
        named = {
            "base-url": self.simulator.base_url,
            "ledger": str(self.ledger),
            **_OPTIONS,
            **self.scene.options,
            **options,
        }
        words = [verb, *said.first]
        if said.sheet:
            rows = ((*row, *[""] * (len(_HEADINGS) - len(row))) for row in self.rows)
            words.append(csv_file(self.folder, [_HEADINGS, *rows]))
        for name, value in named.items():
            if said.takes is None or name in said.takes:
                words.append(f"--{name}" if value == "on" else f"--{name}={value}")
        if said.reports:
            words += [f"--report=report-{self.runs}.{suffix}" for suffix in self.scene.reports]
        return words

    async def attack(self, *kills: Kill) -> list[Life]:
        """The attacked command, once for each kill; without any, it lives."""
        self.simulator.inject(*self.scene.faults, scope="writes")
        scene, lives = self.scene, list[Life]()
        for kill in kills or (None,):
            lives.append(
                await self.run(kill, verb=scene.verb, mishaps=scene.mishaps, options=scene.attacked_options)
            )
            if _VERBS[scene.verb].final and not lives[-1].killed:
                break
        return lives

    async def end(self, *, twice: bool = True) -> None:
        """Run on to the end, and once more if it is to be done ``twice``; look for damage."""
        if self.scene.mended is not None:
            await self.serve(self.scene.mended)
        life = await self.run()
        for _ in range(_MOST_RUNS - 1):
            if life.exit_code == self.scene.calm_exit_code:
                break
            life = await self.run()
        else:
            self.damage.lost.append(f"no quiet end: exit code {life.exit_code}: {life.err}")
        self._compare()
        if self.scene.check is not None:
            await self.scene.check(self)
        if not twice:
            return
        before = self.posts()
        await self.run()
        if self.posts() != before:
            self.damage.doubled.append("a second run submits again")
        self._compare()

    def report(self) -> Path:
        """The report of the latest run."""
        return self.folder / f"report-{self.runs}.json"

    def _dump(self) -> list[str]:
        """All that is in the ledger."""
        with closing(sqlite3.connect(self.ledger)) as connection:
            return list(connection.iterdump())

    def _inspect(self, life: Life, verb: str) -> None:
        """After each command, killed or not: the ledger is sound, and a report is whole or not there."""
        broken = "Traceback" in life.err or life.exit_code in (1, 11)
        if broken and not (self.scene.breaks and life.exit_code == 1):
            self.damage.lost.append(f"{verb} ended with {life.exit_code}: {life.err}")
        if not (_VERBS[verb].reports or life.killed) and life.exit_code:
            self.damage.lost.append(f"{verb} ended with {life.exit_code}: {life.err}")
        if self.ledger.exists() and self.ledger.stat().st_size:
            inspect_ledger(self.ledger, self.damage)
        if self.report().exists():
            inspect_report(self.report(), self.damage)
        elif _VERBS[verb].reports and not (life.killed or (self.scene.breaks and broken)):
            self.damage.lost.append(f"no report after exit code {life.exit_code}: {life.err}")

    def _compare(self) -> None:
        """The books against the wishes, the report against the rows."""
        codes = {row[0]: row[3] for row in self.scene.rows if row[1] == "GCC"}
        compare(self.scene.accepted, codes, self.accepted(), self.creates(), self.damage)
        self._compare_codes()
        if self.report().exists():
            compare_report(self.report(), self.scene.outcomes, self.damage)

    def _compare_codes(self) -> None:
        """What is left on each code is what was there, but for the creates that were used."""
        used = self.creates()
        for name, code in self.scene.world().codes.items():
            left = self.world.codes[name].remaining
            if code.remaining is not None and left != code.remaining - used[name]:
                self.damage.lost.append(f"{left} creates are left on {name}, and {used[name]} were used")


def _environ(folder: Path) -> dict[str, str]:
    """A home of its own, and nothing of ours."""
    home = str(folder)
    names = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONUTF8": "1",
        "BATCHQUAL_ACCESS_TOKEN": "a-token",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "SSL_CERT_FILE": os.devnull,  # reading those of the system takes longer than all the rest
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
