"""Connections to the ledger's file, and whether it still stands where it was."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.ledgers import NOON, a_ledger
from support.opened import handles_of

from batchqual.errors import LedgerError
from batchqual.ledger.files import Standing, connect, prepare
from batchqual.ledger.schema import migrate

NAME = "l.sqlite3"
movable = pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be moved there")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An empty ledger that nobody has open."""
    path = tmp_path / NAME
    with a_ledger(path):
        pass
    path.with_name(f"{NAME}.lock").unlink()
    return path


@pytest.fixture
def closed_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the ledger takes no file: who is root may write everywhere, and only hears that here."""
    really = os.access

    def access(asked: Path, mode: int) -> bool:
        return really(asked, mode) and not (asked == path.parent and mode == os.W_OK)

    monkeypatch.setattr(os, "access", access)


def beside(path: Path) -> set[str]:
    return {one.name for one in path.parent.iterdir()} - {path.name}


def partners(connection: sqlite3.Connection) -> list[str]:
    return [row["partner"] for row in connection.execute("SELECT partner FROM gate")]


def note(connection: sqlite3.Connection, partner: str) -> None:
    connection.execute("INSERT INTO gate VALUES ('here', ?, 'then')", (partner,))


@pytest.mark.usefixtures("closed_folder")
def test_a_ledger_at_rest_is_read_where_nothing_can_be_made(path: Path) -> None:
    """SQLite would make two files beside it to read it, and fails where the folder takes none."""
    with closing(connect(path, write=False)) as reader:
        assert [] == partners(reader)
        assert set() == beside(path)


@pytest.mark.usefixtures("closed_folder")
def test_a_log_is_read_even_where_nothing_can_be_made(path: Path) -> None:
    """What was committed may stand in it alone."""
    with closing(connect(path, write=True)) as writer:
        note(writer, "contoso")
        with closing(connect(path, write=False)) as reader:
            assert ["contoso"] == partners(reader)


@pytest.mark.usefixtures("closed_folder")
def test_whoever_writes_locks_and_logs_whatever_the_folder_seems_to_take(path: Path) -> None:
    """Only a reader may believe that nobody writes."""
    with closing(connect(path, write=True)) as writer:
        note(writer, "contoso")
        assert {f"{NAME}-wal", f"{NAME}-shm"} == beside(path)


def test_a_reader_sees_what_is_written_after_it_has_opened(path: Path) -> None:
    """That no log was there then does not mean that nobody will write."""
    with closing(connect(path, write=False)) as reader:
        assert [] == partners(reader)
        with closing(connect(path, write=True)) as writer:
            note(writer, "contoso")
            assert ["contoso"] == partners(reader)


def test_what_cannot_be_opened_is_let_go(tmp_path: Path) -> None:
    """Also while its error is still being told."""
    path = tmp_path / "l.csv"
    path.write_text("customer_id,qualification\n" * 200, encoding="utf-8")
    with pytest.raises(sqlite3.DatabaseError) as caught:
        connect(path, write=True)
    assert "SQLITE_NOTADB" == caught.value.sqlite_errorname
    assert [] == handles_of(path)


def move(path: Path) -> None:
    path.rename(path.with_name("moved"))


def replace(path: Path) -> None:
    path.with_name("copy").write_bytes(path.read_bytes())
    path.with_name("copy").replace(path)


def delete_log(path: Path) -> None:
    path.with_name(f"{NAME}-wal").unlink()


def replace_log(path: Path) -> None:
    replace(path.with_name(f"{NAME}-wal"))


@movable
@pytest.mark.parametrize("harm", [move, replace, delete_log, replace_log])
def test_a_ledger_that_does_not_stand_where_it_did_is_noticed(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """Whatever is written to it then, nobody finds again. A ledger that is written to stands all the same."""
    path = tmp_path / NAME
    prepare(path)
    with closing(connect(path, write=True)) as writer:
        migrate(writer, NOON)
        standing = Standing(path)
        note(writer, "contoso")
        standing.check()
        harm(path)
        with pytest.raises(LedgerError, match="was moved, deleted or replaced") as caught:
            standing.check()
    assert f"The ledger {path}," in caught.value.message
    assert "ledger-moved" == caught.value.code
