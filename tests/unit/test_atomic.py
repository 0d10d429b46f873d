"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from batchqual.atomic import unfinished, written_whole
from batchqual.errors import UsageError


class OpenElsewhere:
    """A replace that refuses the names that another program holds open."""

    def __init__(self, *held: Path) -> None:
        self.held = held

    def __call__(self, temp: Path, target: Path) -> None:
        if target in self.held:
            raise PermissionError(13, "Permission denied")
        temp.replace(target)


def test_a_finished_file_stands_in_its_place(tmp_path: Path) -> None:
    """What was written to the temp file is the target, and nothing else is left."""
    target = tmp_path / "report.xlsx"
    with written_whole(target) as writing:
        writing.temp.write_text("whole", encoding="utf-8")
        assert not target.exists()
    assert target.read_text(encoding="utf-8") == "whole"
    assert (target, False) == (writing.path, writing.renamed)
    assert [target] == list(tmp_path.iterdir())


def test_the_temp_file_stands_beside_and_keeps_the_suffix(tmp_path: Path) -> None:
    """Writers choose a format by suffix, and a move is whole only within one folder."""
    with written_whole(tmp_path / "report.xlsx") as writing:
        assert (tmp_path, ".xlsx") == (writing.temp.parent, writing.temp.suffix)


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """An error in the block removes the half-written file and keeps the target as it was."""
    target = tmp_path / "report.csv"
    target.write_text("old", encoding="utf-8")

    def fail_half_way() -> None:
        with written_whole(target) as writing:
            writing.temp.write_text("half", encoding="utf-8")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert target.read_text(encoding="utf-8") == "old"
    assert [target] == list(tmp_path.iterdir())


def test_a_target_open_elsewhere_gets_a_numbered_name(tmp_path: Path) -> None:
    """Excel holds the file: the new one stands beside it, and no earlier one is overwritten."""
    target, second, third = (tmp_path / name for name in ("r.xlsx", "r (2).xlsx", "r (3).xlsx"))
    target.write_text("old", encoding="utf-8")
    second.write_text("earlier", encoding="utf-8")
    with written_whole(target, replace=OpenElsewhere(target)) as writing:
        writing.temp.write_text("new", encoding="utf-8")
    assert (third, True) == (writing.path, writing.renamed)
    assert ["old", "earlier", "new"] == [p.read_text(encoding="utf-8") for p in (target, second, third)]
    assert 3 == len(list(tmp_path.iterdir()))


def test_a_folder_where_nothing_can_be_replaced_is_told(tmp_path: Path) -> None:
    """When every name is refused, the user is told and nothing is left behind."""
    target = tmp_path / "r.xlsx"
    held = [target, *(tmp_path / f"r ({number}).xlsx" for number in range(2, 100))]
    with pytest.raises(UsageError) as told, written_whole(target, replace=OpenElsewhere(*held)):
        pass
    assert "unwritable" == told.value.code
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("missing/report.xlsx", "No such file", id="no-folder"),
        pytest.param(".", "folder", id="is-a-folder"),
    ],
)
def test_a_place_that_cannot_be_written_is_a_usage_error(tmp_path: Path, name: str, reason: str) -> None:
    """A folder that is missing, or a target that is a folder, is told before anything is written."""
    with pytest.raises(UsageError) as told, written_whole(tmp_path / name):
        pass
    assert 2 == told.value.exit_code
    assert reason in told.value.message


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EIO])
def test_a_disk_that_fails_half_way_is_a_usage_error(tmp_path: Path, number: int) -> None:
    """Whoever writes meets it in the middle of the block: it is told with the file's name, and only a full
    disk with the advice to make room. The old file stays, and nothing else is left."""
    target = tmp_path / "r.xlsx"
    target.write_text("old", encoding="utf-8")

    def fail_half_way() -> None:
        with written_whole(target):
            raise OSError(number, os.strerror(number))

    with pytest.raises(UsageError, match="cannot be written") as told:
        fail_half_way()
    assert (number != errno.EIO) == told.value.hint.startswith("Make room")
    assert [target] == list(tmp_path.iterdir())


def test_a_temp_file_that_was_moved_away_is_no_second_error(tmp_path: Path) -> None:
    """Cleaning up after a block that removed its own temp file keeps to the block's error."""

    def lose_the_file() -> None:
        with written_whole(tmp_path / "a.csv") as writing:
            writing.temp.unlink()
            raise KeyError

    with pytest.raises(KeyError):
        lose_the_file()


@pytest.mark.skipif(sys.platform == "win32", reason="speaks of POSIX permissions")
@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_a_private_file_is_for_its_owner_alone(tmp_path: Path, private: bool, mode: int) -> None:
    """From before its first byte; any other is as the account wants its files."""
    before = os.umask(0o022)
    try:
        with written_whole(tmp_path / "tokens.json", private=private) as writing:
            assert mode == stat.S_IMODE(writing.temp.stat().st_mode)
    finally:
        os.umask(before)
    assert mode == stat.S_IMODE((tmp_path / "tokens.json").stat().st_mode)


def test_what_is_unfinished_is_found(tmp_path: Path) -> None:
    """That of this file alone, however odd its name; nothing when all is done."""
    for name in (".a-12345678.json", ".a-1234567.json", ".[ab]-x.json", "a-12345678.json", ".a-12345678.csv"):
        (tmp_path / name).touch()
    with written_whole(tmp_path / "[ab].json") as writing:
        assert [writing.temp] == unfinished(tmp_path / "[ab].json")
    assert [] == unfinished(tmp_path / "[ab].json")
