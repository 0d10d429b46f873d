"""Where a report may go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batchqual.errors import UsageError
from batchqual.report import check_report_path, default_report_path


@pytest.fixture
def in_kiribati(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine fourteen hours ahead of UTC."""
    monkeypatch.setenv("TZ", "KIR-14")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process can only be set on POSIX")
@pytest.mark.parametrize(
    ("first", "expected"),
    [
        pytest.param("in/customers.xlsx", "in/customers-report-20261121-140000.xlsx", id="beside the input"),
        pytest.param("a.b.csv", "a.b-report-20261121-140000.xlsx", id="only the last suffix goes"),
        pytest.param("-", "stdin-report-20261121-140000.xlsx", id="standard input"),
    ],
)
def test_the_default_name_carries_the_local_time(in_kiribati: None, first: str, expected: str) -> None:
    """The person who looks for the file has a clock on the wall."""
    assert Path(expected) == default_report_path(first, datetime(2026, 11, 21, 0, 0, tzinfo=UTC))


@pytest.mark.parametrize("name", ["r.xlsx", "r.csv", "r.json", "R.XLSX"])
def test_a_good_path_is_left_untouched(tmp_path: Path, name: str) -> None:
    """The check leaves nothing behind."""
    check_report_path(tmp_path / name)

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("r.html", "HTML reports are not available", id="html comes later"),
        pytest.param("r.pdf", ".pdf is not one of them", id="unknown"),
        pytest.param("r", "no suffix is not one of them", id="none"),
        pytest.param("gone/r.xlsx", "does not exist", id="no folder"),
        pytest.param("folder.csv", "is a folder", id="a folder"),
    ],
)
def test_a_path_that_will_not_do_is_refused_in_words(tmp_path: Path, name: str, words: str) -> None:
    """Before anything is sent, with a hint."""
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UsageError, match=words) as caught:
        check_report_path(tmp_path / name)

    assert 2 == caught.value.exit_code
    assert caught.value.hint


def test_a_folder_that_takes_no_files_is_refused() -> None:
    """Not access rights are asked but a file is tried: the kernel's own folder takes none, even from root."""
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("needs a folder that nobody can write to")
    with pytest.raises(UsageError, match="cannot be written"):
        check_report_path(folder / "r.xlsx")
