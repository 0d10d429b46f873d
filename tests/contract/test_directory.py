"""The export of customers: what comes into the sheet, and how it goes on after it broke off."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.drive import quick_settings
from support.program import until
from support.replay_server import canned, replaying
from support.sheets import customer, intake
from support.talking import ONCE

from batchqual.clock import SystemClock
from batchqual.directory import Directory, export_customers, finished, part_of
from batchqual.errors import BatchqualError, Refused, Unavailable, UsageError
from batchqual.pipeline import StopSwitch
from batchqual.simulator import Customer, Holding, Simulator, SimulatorSettings, World
from batchqual.spool import Spool

SETTINGS = SimulatorSettings()
MOMENT = 1_767_603_600.0  # 2026-01-05, UTC


def crowd(count: int) -> World:
    """Customers one after the other; the first holds all kinds of things."""
    people = [
        Customer(customer(n), f"Contoso School {n}", f"school{n}.contoso.example") for n in range(count)
    ]
    if people:
        people[0].holds = {
            "Education": Holding("Education", "Denied", "Not an Academic Domain", MOMENT),
            "GovernmentCommunityCloud": Holding(
                "GovernmentCommunityCloud", "Approved", created=MOMENT, settles=2e9 * 2
            ),
            "StateOwnedEntity": Holding("StateOwnedEntity", None),
            "Nonprofit": Holding("Nonprofit", "Approved"),
        }
    return World(people)


@dataclass
class Exporter:
    """Exports into one folder, and keeps what was said."""

    folder: Path
    url: str
    said: list[str] = field(default_factory=list)

    @property
    def out(self) -> Path:
        """The sheet."""
        return self.folder / "out.csv"

    @property
    def part(self) -> Path:
        """What is kept meanwhile."""
        return part_of(self.out)

    async def __call__(self, *, environ: Any = None, **how: Any) -> Directory:
        """Export."""
        ledger = str(self.folder / "ledger.sqlite3")
        settings = quick_settings(base_url=self.url, ledger=ledger, environ=environ)
        return await export_customers(
            settings, how.pop("out", self.out), tell=self.said.append, retry=ONCE, **how
        )

    async def broken(self, **how: Any) -> BatchqualError:
        """Export, in vain."""
        with pytest.raises(BatchqualError) as caught:
            await self(**how)
        return caught.value

    def rows(self) -> list[dict[str, Any]]:
        """The sheet, as an input is read."""
        found = intake(str(self.out))
        return [dict(zip(found.columns, row.values, strict=True)) for row in found.rows]

    def ids(self) -> list[str]:
        """Whom the sheet lists."""
        return [row["customer_id"] for row in self.rows()]


def lists(simulator: Simulator) -> int:
    """How many pages were asked for."""
    return simulator.books.requests["GET", "/v1/customers"]


def looks(simulator: Simulator) -> int:
    """How many customers were looked at."""
    return simulator.books.count("GET", "/qualifications")


def port_of(simulator: Simulator) -> int:
    """Where another one can take its place."""
    return int(simulator.base_url.rpartition(":")[2])


async def test_a_customer_is_told_with_what_it_holds(tmp_path: Path) -> None:
    """In columns of their own, one for each qualification, and when that was."""
    async with Simulator(SETTINGS, crowd(2)) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        assert Directory(export.out, 2) == await export(with_qualifications=True)
        first, second = export.rows()
    looked_at = first.pop("looked_at")
    assert looked_at.endswith(" UTC")
    told = {name: value for name, value in first.items() if value}
    assert {
        "customer_id": customer(0),
        "customer_name": "Contoso School 0",
        "domain": "school0.contoso.example",
        "relationship": "reseller",
        "holds_education": "Denied: Not an Academic Domain",
        "holds_gcc": "InReview since 2026-01-05",
        "holds_state_owned_entity": "held",
        "holds_other": "Nonprofit: Approved",
    } == told
    assert second["looked_at"]
    assert not [name for name in second if name.startswith("holds_") and second[name]]
    assert not export.part.exists()


async def test_another_relationship_is_told_and_the_partner_left_out(tmp_path: Path) -> None:
    """Whoever is seen twice is one row with both relationships."""
    partner = customer(9)
    seen = [(customer(1), "advisor"), (customer(2), ""), (customer(2), "reseller"), (customer(2), "advisor")]
    seen += [(partner, "none"), (customer(3), "")]
    body = json.dumps({"items": [{"id": who, "relationshipToPartner": what} for who, what in seen]})
    async with replaying(canned(body=body)) as server:
        export = Exporter(tmp_path, server.url)
        done = await export(environ={"BATCHQUAL_TENANT_ID": partner})
    assert (3, 1) == (done.customers, done.not_resold)
    told = [(customer(1), "advisor"), (customer(2), "reseller, advisor"), (customer(3), None)]
    assert told == [(row["customer_id"], row["relationship"] or None) for row in export.rows()]


async def test_a_page_that_fails_for_good_keeps_those_before_it(tmp_path: Path) -> None:
    """The error says that the same command goes on, and it does, where the list was left."""
    world = crowd(1_200)
    async with Simulator(SimulatorSettings(page_failures=("2=1",)), world) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        error = await export.broken()
        assert isinstance(error, Unavailable)
        assert "What was read is kept: the same command goes on from there." == error.hint
        assert not export.out.exists()
        assert 1_200 == (await export()).customers
        assert 4 == lists(simulator)
    assert f"Going on with {export.part}." in export.said
    assert [customer(n) for n in range(1_200)] == export.ids()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
async def test_what_is_kept_is_for_its_owner_alone(tmp_path: Path) -> None:
    """It lists customers."""
    async with Simulator(SimulatorSettings(page_failures=("2=1",)), crowd(501)) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        await export.broken()
    assert 0o600 == export.part.stat().st_mode & 0o777


async def test_a_token_that_is_forgotten_begins_the_list_again(tmp_path: Path) -> None:
    """And keeps what was looked up; it says so."""
    async with Simulator(SimulatorSettings(refusals=("fetch=403/900124",)), crowd(501)) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        await export.broken(with_qualifications=True)
    lines = export.part.read_text(encoding="utf-8").splitlines()
    page = {**json.loads(lines[1]), "next": "forgotten"}
    look = {"customer": customer(500), "cells": {"looked_at": "before"}}
    export.part.write_text("\n".join([lines[0], json.dumps(page), json.dumps(look), ""]), encoding="utf-8")
    async with Simulator(SimulatorSettings(port=port_of(simulator)), crowd(501)) as again:
        await export(with_qualifications=True)
        assert (3, 500) == (lists(again), looks(again))
    assert any("has forgotten where the list was left" in words for words in export.said)
    assert [customer(n) for n in range(501)] == export.ids()
    assert "before" == export.rows()[500]["looked_at"]


async def test_a_line_that_was_cut_off_is_forgotten(tmp_path: Path) -> None:
    """What stands before it counts, and the next line does not run into it."""
    async with Simulator(SimulatorSettings(page_failures=("2=2",)), crowd(501)) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        await export.broken()
        with export.part.open("ab") as part:
            part.write(b'{"page":[["')
        await export.broken()
        await export()
        assert 4 == lists(simulator)
    assert [customer(n) for n in range(501)] == export.ids()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"domain_prefix": "school"}, "of another partner, service or --domain", id="filter"),
        pytest.param(
            {"environ": {"BATCHQUAL_TENANT_ID": customer(9_999)}}, "of another partner", id="partner"
        ),
        pytest.param({"clock": "tomorrow"}, "more than a day old", id="old"),
    ],
)
async def test_what_is_no_part_of_this_export_begins_it_anew(
    change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    """And says why."""
    if change == {"clock": "tomorrow"}:
        change = {"clock": _Tomorrow()}
    async with Simulator(SimulatorSettings(page_failures=("2=1",)), crowd(501)) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        await export.broken()
        await export(**change)
        assert 4 == lists(simulator)
    assert words in " ".join(export.said)
    assert [customer(n) for n in range(501)] == export.ids()


class _Tomorrow:
    def now(self) -> Any:
        return SystemClock().now() + timedelta(days=1, minutes=1)


async def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """Nothing is asked of the service."""
    async with Simulator(SETTINGS, crowd(1)) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        export.part.write_text("my own notes\n", encoding="utf-8")
        error = await export.broken()
        assert 0 == simulator.books.total
    assert isinstance(error, UsageError)
    assert "my own notes\n" == export.part.read_text(encoding="utf-8")


async def test_what_a_later_version_keeps_is_passed_over(tmp_path: Path) -> None:
    """Line by line."""
    async with Simulator(SimulatorSettings(page_failures=("2=1",)), crowd(501)) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        await export.broken()
        with export.part.open("ab") as part:
            part.write(b'{"tags": []}\n')
        assert 501 == (await export()).customers
        assert 3 == lists(simulator)


async def test_an_output_in_no_folder_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    """In words."""
    async with Simulator(SETTINGS, crowd(1)) as simulator:
        error = await Exporter(tmp_path, simulator.base_url).broken(out=tmp_path / "nowhere" / "out.csv")
        assert 0 == simulator.books.total
    assert "unwritable" == error.code


async def test_a_customer_of_whom_nothing_is_told_is_no_reason_to_stop(tmp_path: Path) -> None:
    """A refusal is for good, and a failure may pass: both stand in the row."""
    for refusal, lost in (("fetch=403/20002", 0), ("fetch=500/800003", 3)):
        async with Simulator(SimulatorSettings(refusals=(refusal,)), crowd(3)) as simulator:
            export = Exporter(tmp_path, simulator.base_url)
            assert lost == (await export(with_qualifications=True)).lost_looks
        assert ["not told: The request is refused."] * 3 == [row["looked_at"] for row in export.rows()]


async def test_looks_that_came_to_nothing_are_made_again(tmp_path: Path) -> None:
    """What was read is kept as long as something is missing, and only that is asked for."""
    async with Simulator(SimulatorSettings(refusals=("fetch=500/800003",)), crowd(3)) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        assert 3 == (await export(with_qualifications=True)).lost_looks
        assert export.part.exists()
    async with Simulator(SimulatorSettings(port=port_of(simulator)), crowd(3)) as again:
        assert 0 == (await export(with_qualifications=True)).lost_looks
        assert (0, 3) == (lists(again), looks(again))
    assert not export.part.exists()
    assert all(row["looked_at"].endswith(" UTC") for row in export.rows())


@pytest.mark.parametrize(
    "change", [{}, {"with_qualifications": True}, {"domain_prefix": "s"}, {"over": True}]
)
async def test_a_sheet_that_was_written_before_a_kill_is_the_sheet(
    change: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same export is finished then; another one, or one that was to write over a file, is not."""
    async with Simulator(SETTINGS, crowd(2)) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        if change.pop("over", False):
            export.out.write_text("an older one", encoding="utf-8")
            change = {"over": True}
        with monkeypatch.context() as patch:
            patch.setattr(Spool, "remove", lambda _: None)
            await export()
    settings = quick_settings(base_url=export.url, ledger=str(tmp_path / "ledger.sqlite3"))
    asked = {"domain_prefix": None, "with_qualifications": False, **change}
    asked.pop("over", None)
    done = finished(settings, export.out, **asked)
    assert (None if change else Directory(export.out, 2)) == done
    assert bool(change) == export.part.exists()
    assert None is finished(settings, tmp_path / "other.csv", **asked)


async def test_a_first_line_that_was_cut_off_is_nothing(tmp_path: Path) -> None:
    """Wherever it was cut."""
    whose, now, part = {"origin": "o", "partner": "p"}, SystemClock().now(), tmp_path / "out.csv.part"
    with Spool(part, whose, now):
        pass
    line = part.read_bytes()
    for length in range(len(line)):
        part.write_bytes(line[:length])
        with Spool(part, whose, now) as spool:
            assert ("", {}) == (spool.remark, spool.customers)
        assert line == part.read_bytes()


async def test_a_service_that_is_down_ends_the_export(tmp_path: Path) -> None:
    """Ten looks in a row that came to nothing; nothing is written."""
    async with Simulator(SimulatorSettings(refusals=("fetch=500/800003",)), crowd(200)) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        assert isinstance(await export.broken(with_qualifications=True), Unavailable)
        assert looks(simulator) < 50
    assert not export.out.exists()
    assert export.part.exists()


async def test_a_first_page_that_is_refused_leaves_no_promise(tmp_path: Path) -> None:
    """Nothing was read, so nothing goes on."""
    async with Simulator(SimulatorSettings(refusals=("customers=403/2",)), crowd(1)) as simulator:
        error = await Exporter(tmp_path, simulator.base_url).broken()
    assert isinstance(error, Refused)
    assert "What was read is kept" not in error.hint
    assert "not registered in Partner Center" in error.hint


async def test_a_stop_keeps_what_was_looked_up(tmp_path: Path) -> None:
    """No customer is looked at twice but those on their way."""
    world, stop = crowd(60), StopSwitch()
    async with Simulator(SimulatorSettings(latency=(0.02, 0.02)), world) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        going = asyncio.create_task(export(with_qualifications=True, stop=stop))
        await until(lambda: simulator.books.statuses[200] > 20)
        stop.press()
        assert Directory(None, 60) == await going
        assert not export.out.exists()
        await export(with_qualifications=True)
        assert 1 == lists(simulator)
        assert 60 <= looks(simulator) <= 60 + 16
    assert all(row["looked_at"] for row in export.rows())
    assert "Stopping." in export.said


@pytest.mark.parametrize("end", ["code_2000", "plain"])
async def test_an_ended_list_is_not_read_again(end: Any, tmp_path: Path) -> None:
    """Also when its end was told by a refusal."""
    refused = SimulatorSettings(paging_end=end, refusals=("fetch=403/900124",))
    async with Simulator(refused, crowd(3)) as simulator:
        export = Exporter(tmp_path, simulator.base_url)
        await export.broken(with_qualifications=True)
    async with Simulator(SimulatorSettings(port=port_of(simulator)), crowd(3)) as again:
        assert 3 == (await export(with_qualifications=True)).customers
        assert (0, 3) == (lists(again), looks(again))
