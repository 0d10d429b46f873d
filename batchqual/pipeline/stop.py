"""The switch that a signal presses, in whatever thread it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["StopSwitch"]


class StopSwitch:
    """Asks a run to stop gently. It may be pressed before the run listens, and from any thread."""

    def __init__(self) -> None:
        self._pressed = False
        self._act: Callable[[], None] | None = None

    def press(self) -> bool:
        """Ask for a stop; False when that was asked before."""
        first, self._pressed = not self._pressed, True
        if first and self._act is not None:
            self._act()
        return first

    @property
    def pressed(self) -> bool:
        """Whether a stop was asked for."""
        return self._pressed

    @property
    def heard(self) -> bool:
        """Whether a run listens, which then says by itself that it stops."""
        return self._act is not None

    def connect(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` on the running event loop when the switch is pressed, or now if it was."""
        loop = asyncio.get_running_loop()
        self._act = lambda: None if loop.is_closed() else _post(loop, callback)
        if self._pressed:
            callback()


def _post(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(callback)
