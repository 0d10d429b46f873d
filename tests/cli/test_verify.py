"""`verify`: the ledger as it was written, or the first place where it is not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.command_line import CommandLine, sheet
from support.journals import lived_ledger
from support.ledgers import NOON, HandClock, customer

from batchqual.ledger import Ledger
from batchqual.ledger.files import connect, prepare
from batchqual.ledger.schema import MIGRATIONS, migrate


@pytest.fixture
def ledger(folder: Path) -> Path:
    return lived_ledger(folder)


def changed(path: Path, deed: str) -> None:
    """Somebody writes into the file, and leaves no rule broken but the chain."""
    with closing(sqlite3.connect(path, isolation_level=None)) as hand:
        [(guard,)] = hand.execute("SELECT sql FROM sqlite_master WHERE name = 'event_is_never_changed'")
        hand.execute("DROP TRIGGER event_is_never_changed")
        hand.execute(deed)
        hand.execute(guard)


def test_a_whole_ledger(ledger: Path, cli: CommandLine) -> None:
    """What is in it, that it is intact, and the hash to note."""
    done = cli("verify", "--ledger", ledger)
    assert (0, "") == (done.code, done.err)
    named, counts, verdict = done.out.splitlines()
    assert (f"Ledger {ledger}", "5 requests, 16 events, 3 runs") == (named, counts)
    assert verdict.startswith("Intact. The chain of 21 links ends with ")
    assert 0 == cli("verify", "--ledger", ledger, "--contains", verdict.split()[-1]).code


def test_a_real_run_leaves_a_whole_ledger(folder: Path, online: CommandLine, cli: CommandLine) -> None:
    """Every kind of write that a run makes is chained."""
    assert 0 == online("run", sheet(folder), "--yes").code
    document = cli("verify", "--json", *online.defaults[:4]).document
    assert (True, 1, 3, [], None) == tuple(
        document[key] for key in ("intact", "runs", "requests", "findings", "error")
    )
    assert document["links"] == document["events"] + 2


def test_a_broken_one_names_the_first_broken_link(ledger: Path, cli: CommandLine) -> None:
    """On standard output every finding, on standard error the first one with what to do; exit 11."""
    changed(ledger, "UPDATE event SET error_code = '7' WHERE seq = 6")
    done = cli("verify", "--ledger", ledger)
    assert 11 == done.code
    words = (
        f"Link 7: event 6 of request 1 ({customer(1)}, Education) is not as it was written: "
        "its error_code was empty, and is 7 now."
    )
    assert f"chain: {words}" == done.out.splitlines()[2]
    assert f"1 finding. The first: {words}\nhint: Start no run with this file" in done.err
    for advice in ("a copy", "who opened it with another program", "--ledger"):
        assert advice in done.err


def test_a_broken_one_as_a_document(ledger: Path, cli: CommandLine) -> None:
    """Which link, which event, whose; and the error, as every exit 11 has it."""
    changed(ledger, "UPDATE event SET error_code = '7' WHERE seq = 6")
    document = cli("verify", "--ledger", ledger, "--json").document
    assert (False, 1, 11, "ledger-not-intact") == (
        document["intact"],
        document["found"],
        document["exit_code"],
        document["error"]["code"],
    )
    [finding] = document["findings"]
    assert ("chain", 7, 6, 1, customer(1), None) == tuple(
        finding[key] for key in ("check", "link", "event", "request", "customer_id", "run_id")
    )


def test_of_many_findings_the_first_are_told(ledger: Path, cli: CommandLine) -> None:
    """And how many more there are."""
    changed(ledger, "UPDATE event SET note = 'mine', run_id = 'mine'")
    done = cli("verify", "--ledger", ledger)
    assert 2 + 20 + 1 == len(done.out.splitlines())
    assert "... and 1 more" == done.out.splitlines()[-1]


def test_it_looks_while_a_run_is_on(ledger: Path, cli: CommandLine) -> None:
    """Another process holds the lock; nothing is waited for and nothing is written."""
    before = ledger.read_bytes()
    with Ledger.open(ledger, clock=HandClock(), command="run"):
        assert 0 == cli("verify", "--ledger", ledger).code
    assert before == ledger.read_bytes()


def test_an_older_ledger_has_no_chain_yet(folder: Path, cli: CommandLine) -> None:
    """That is said, and is nothing broken."""
    path = folder / "old.sqlite3"
    prepare(path)
    with closing(connect(path, write=True)) as old:
        migrate(old, NOON, MIGRATIONS[:2])
    done = cli("verify", "--ledger", path)
    assert (0, "An older version wrote it: its chain begins with the next run.") == (
        done.code,
        done.out.splitlines()[-1],
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(("--ledger", "none.sqlite3"), 11, "There is no ledger none.sqlite3", id="no ledger"),
        pytest.param(("--contains", "abc"), 2, "takes a hash of 64 characters", id="no hash"),
        pytest.param(("--contains", "0" * 64), 11, f"does not contain {'0' * 64}", id="another head"),
    ],
)
def test_what_cannot_be_verified(
    arguments: tuple[str, ...], code: int, words: str, ledger: Path, cli: CommandLine
) -> None:
    """In words."""
    done = cli("verify", "--ledger", ledger, *arguments)
    assert code == done.code
    assert words in done.err
