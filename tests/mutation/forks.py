"""A child process for a piece of work that may never end, or take all memory. Linux alone."""

from __future__ import annotations

import os
import resource
import select
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

__all__ = ["fork"]

Work = Callable[[int], int]

_MEMORY = 8 << 30
_TICK = 0.25
#: Seconds for which nothing at all happens: no test waits for so long.
_IDLE = 2.0


def fork(work: Work, limits: Callable[[int], float] | None = None) -> tuple[int | None, bytes]:
    """Do ``work`` in a child, which gets a descriptor to write to: its exit code, and what it wrote.

    None, and the child is killed with all of its own, when it sleeps, or works for too long without another
    line: ``limits`` gives the seconds of the processor after so many of them.
    """
    heard, spoken = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(heard)
        _live(work, spoken)
    with suppress(PermissionError, ProcessLookupError):  # it may have done so itself
        os.setpgid(pid, pid)
    os.close(spoken)
    try:
        text, ended = _listen(heard, pid, limits)
    finally:
        os.close(heard)
    if not ended:
        os.killpg(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return (code if ended else None), text


def _live(work: Work, spoken: int) -> None:
    """A child's whole life."""
    code = 1
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        null = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(null, number)
        code = work(spoken)
    except BaseException:  # noqa: BLE001 - a mutant may raise anything, and the process ends here anyway
        traceback.print_exc()
    finally:
        os._exit(code)


def _listen(heard: int, pid: int, limits: Callable[[int], float] | None) -> tuple[bytes, bool]:
    """What the child says, to its end, unless it is found to say nothing any more."""
    text, idle = b"", 0.0
    spent = before = _work_of(pid)
    while True:
        if select.select([heard], [], [], _TICK)[0]:
            if not (more := os.read(heard, 1 << 16)):
                return text, True
            text, idle = text + more, 0.0
            spent = before = _work_of(pid)
        elif limits is not None:
            now = _work_of(pid)
            # one that is ready and gets no processor is not idle
            idle = idle + _TICK if now[0] == before[0] and now[1] == "S" else 0.0
            before = now
            if now[0] - spent[0] > limits(text.count(b"\n")) or idle > _IDLE:
                return text, False


def _work_of(pid: int) -> tuple[float, str]:
    """Seconds of the processor that a process has had, and its state in a letter."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), fields[0]
