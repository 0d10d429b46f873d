"""The program on a pseudo-terminal of its own, watched and typed at by a test. POSIX alone has one."""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress
from functools import partial

import pytest
from support.command_line import command

__all__ = ["Terminal"]

_PATIENCE = 60


class Terminal:
    """The program on a pseudo-terminal of its own; one that it ``owned`` hangs up on it when it is closed."""

    def __init__(
        self, *arguments: object, environ: dict[str, str] | None = None, owned: bool = False
    ) -> None:
        import fcntl
        import pty
        import termios

        self._own, its = pty.openpty()
        streams = {"stdin": its, "stdout": its, "stderr": its}
        more = {"TERM": "xterm", "COLUMNS": "100", "LINES": "30", **(environ or {})}
        own = partial(fcntl.ioctl, 0, termios.TIOCSCTTY, 0) if owned else None
        self.process = command(*arguments, environ=more, start_new_session=True, preexec_fn=own, **streams)
        os.close(its)
        self.screen = ""

    def see(self, words: str) -> None:
        """Wait until this was on the screen."""
        end = time.monotonic() + _PATIENCE
        while words not in self.screen:
            if time.monotonic() > end or not self._more():
                pytest.fail(f"{words!r} never came: {self.screen!r}")

    def type(self, text: str) -> None:
        """Press these keys."""
        os.write(self._own, text.encode())

    def end(self) -> int:
        """Everything until the end; the exit code."""
        while self._more():
            pass
        os.close(self._own)
        return self.process.wait(timeout=_PATIENCE)

    def close(self) -> int:
        """The window is closed while the program runs; the exit code."""
        os.close(self._own)
        return self.process.wait(timeout=_PATIENCE)

    def _more(self) -> bool:
        ready, _, _ = select.select([self._own], [], [], _PATIENCE)
        with suppress(OSError):  # the other end is closed
            found = os.read(self._own, 65_536) if ready else b""
            self.screen += found.decode(errors="replace")
            return bool(found)
        return False
