"""The store of refresh tokens among processes: nothing acknowledged is lost, and one redeems at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from batchqual.errors import SignInNeeded
from batchqual.signin.store import open_store

ROOT = Path(__file__).parents[2]

ROTATOR = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from batchqual.signin.store import Kept, open_store

folder, key, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
start = datetime(2026, 3, 1, tzinfo=UTC)
store = open_store(folder)
for _ in range(rounds):
    with store.locked():
        before = store.get(key)
        number = 0 if before is None else int(before.refresh_token.partition("-")[0]) + 1
        token = f"{number}-" + "x" * 5000
        store.put(key, Kept(token, "", None, start, start + timedelta(seconds=number)))
    print(number, flush=True)
"""

HOLDER = """
import sys
from pathlib import Path
from batchqual.signin.store import open_store
with open_store(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""

#: Without a keyring, whatever this machine has: tests keep their hands off it.
ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
    "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
}


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("keyring.core._keyring_backend", None)


@contextmanager
def child(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process of our own, gone at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def number_of(folder: Path, key: str) -> int:
    """Which rotation the kept token is of."""
    kept = open_store(folder).get(key)
    assert kept is not None
    number, _, rest = kept.refresh_token.partition("-")
    assert "x" * 5000 == rest, "a whole one"
    return int(number)


@pytest.mark.parametrize("lines", [1, 2, 3, 5, 8, 13, 21, 34])
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, lines: int) -> None:
    """Killed in the middle of rotating, again and again: what is kept is whole, and never an older one."""
    for _ in range(2):
        with child(ROTATOR, str(tmp_path), "key", "1000000") as rotator:
            for _line in range(lines):
                acknowledged = int(said(rotator))
            rotator.kill()
            assert rotator.stdout is not None
            rest = rotator.stdout.read().splitlines(keepends=True)
            acknowledged = max([acknowledged, *(int(line) for line in rest if line.endswith("\n"))])
        assert acknowledged <= number_of(tmp_path, "key") <= acknowledged + 1
    store = open_store(tmp_path, patience=0.0)
    with store.locked():
        assert store.forget("key")
    assert ["tokens.lock"] == [path.name for path in tmp_path.iterdir()], (
        "nor does an unfinished one lie about"
    )


def test_a_reader_never_sees_half_a_document(tmp_path: Path) -> None:
    """While another process rotates, everything that is read is whole, and it only gets newer."""
    with child(ROTATOR, str(tmp_path), "key", "1000000") as rotator:
        assert "0" == said(rotator)
        seen = [number_of(tmp_path, "key") for _ in range(300)]
        assert seen == sorted(seen)
        assert rotator.poll() is None
    assert seen[-1] <= number_of(tmp_path, "key")


def test_two_processes_under_the_lock_lose_nothing(tmp_path: Path) -> None:
    """Each rotates a key of its own in the same document; a third one is shared by both."""
    rounds = "60"
    with (
        child(ROTATOR, str(tmp_path), "one", rounds) as one,
        child(ROTATOR, str(tmp_path), "two", rounds) as two,
        child(ROTATOR, str(tmp_path), "both", rounds) as three,
        child(ROTATOR, str(tmp_path), "both", rounds) as four,
    ):
        assert [0, 0, 0, 0] == [process.wait() for process in (one, two, three, four)]
    assert [59, 59, 119] == [number_of(tmp_path, key) for key in ("one", "two", "both")]
    assert {"tokens.json", "tokens.lock"} == {path.name for path in tmp_path.iterdir()}
    assert 1 == json.loads((tmp_path / "tokens.json").read_text(encoding="utf-8"))["version"]


def test_who_waits_too_long_is_told(tmp_path: Path) -> None:
    """In words; the lock goes with its process."""
    with child(HOLDER, str(tmp_path)) as holder:
        assert "held" == said(holder)
        store = open_store(tmp_path, patience=0.2)
        with (
            pytest.raises(SignInNeeded, match=r"is signing in, for 0\.2 seconds now") as told,
            store.locked(),
        ):
            pass
        assert 12 == told.value.exit_code
        holder.kill()
        holder.wait()
        with store.locked():
            pass


def test_who_waits_gets_its_turn(tmp_path: Path) -> None:
    """As soon as the other process is through."""
    with child(HOLDER, str(tmp_path)) as holder:
        assert "held" == said(holder)
        entered = threading.Event()

        def enter() -> None:
            with open_store(tmp_path).locked():
                entered.set()

        waiting = threading.Thread(target=enter)
        waiting.start()
        assert not entered.wait(0.2)
        assert holder.stdin is not None
        began = monotonic()
        holder.stdin.close()
        assert entered.wait(20)
        waiting.join()
        assert monotonic() - began < 20
