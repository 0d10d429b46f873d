"""Ctrl-C and its kin: the first stops gently, the second leaves at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from batchqual.errors import BatchqualError
from batchqual.machine import on_stop_signals

from . import console

if TYPE_CHECKING:
    from batchqual.pipeline import StopSwitch

__all__ = ["Interrupted", "stoppable"]

_INTERRUPTED = 130


class Interrupted(BatchqualError):
    """The user stopped what had not begun to write."""

    exit_code = _INTERRUPTED
    code = "interrupted"


class _Asking(Protocol):
    is_open: bool


@contextmanager
def stoppable(
    say: Callable[[str], None], asking: _Asking, *, leave: Callable[[], object] | None = None
) -> Iterator[StopSwitch]:
    """A switch that signals press. While a question is open a signal raises KeyboardInterrupt instead;
    ``leave`` is called for the second one."""
    from batchqual.pipeline import StopSwitch

    switch = StopSwitch()
    go = leave or _leave

    def heed(_number: signal.Signals) -> None:
        if asking.is_open:
            raise KeyboardInterrupt
        if not switch.press():
            go()
        elif not switch.heard:
            # What is said in a signal handler is lost when the signal came in the middle of another line.
            say("Stopping. Once more leaves at once; nothing that is known gets lost either way.")

    with on_stop_signals(heed):
        yield switch


def _leave() -> None:
    """End the process here and now: the ledger can bear it."""
    console.release_terminal()
    console.flush()
    console.last_words("Left at once. The same command goes on where it was.")
    os._exit(_INTERRUPTED)
