"""How a run speaks: to a person in sentences, or to a machine in log lines, as the settings say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from batchqual.events import Event, Listener, SigningIn
from batchqual.telemetry import Lines, Tally, fan_out

from . import console

if TYPE_CHECKING:
    from rich.console import RenderableType

    from batchqual.settings import Settings
    from batchqual.telemetry import Log

__all__ = ["Hearing", "Voice", "listening", "voice_of"]


@dataclass(frozen=True, slots=True)
class Voice:
    """``log`` takes every event where that is wished; ``structured`` puts all talk there too (JSON logs)."""

    log: Log | None = None
    structured: bool = False
    quiet: bool = False

    def say(self, text: str) -> None:
        """A sentence for the user."""
        if self.quiet:
            return
        if self.structured and self.log is not None:
            self.log.info("batchqual.message", text=text)
        else:
            console.talk(text)

    def hear(self, event: Event) -> None:
        """Tell, silent or not, what a person has to do now."""
        if isinstance(event, SigningIn) and event.awaited:
            console.talk(event.words)

    def progress(self, text: str) -> None:
        """A line about how far the run has come."""
        if self.structured and self.log is not None:
            self.log.info("batchqual.progress", text=text)
        else:
            console.talk(text)

    def table(self, renderable: RenderableType) -> None:
        """A table for the user; log lines have its numbers in fields already."""
        if not (self.quiet or self.structured):
            console.show(renderable)

    def error(self, message: str, hint: str, *, code: str) -> None:
        """Why the run ended early. Never silent."""
        if self.structured and self.log is not None:
            self.log.error("batchqual.error", code=code, message=message, hint=hint)
        else:
            console.talk_error(message, hint)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who listens to a run: ``say`` takes its events, ``tick`` brings what is shown up to date."""

    say: Listener
    tick: Callable[[], None]


def voice_of(settings: Settings) -> Voice:
    """The voice that the settings ask for: logs as JSON always, as text from ``-v`` on."""
    structured = settings.log_format == "json"
    if not (structured or settings.verbose):
        return Voice(quiet=settings.quiet)
    from batchqual.telemetry import open_log

    # JSON logs replace the talk, so that one -v less shows as much
    steps = settings.verbose + structured
    level: Literal["debug", "info", "error"] = "error" if settings.quiet else "debug" if steps > 1 else "info"
    log = open_log(console.talk, form=settings.log_format, level=level)
    return Voice(log, structured, settings.quiet)


@contextmanager
def listening(settings: Settings, voice: Voice) -> Iterator[Hearing]:
    """Listeners for one run: a live display on a terminal, lines elsewhere, and the log."""
    tally = Tally(rate=settings.rate, wait=settings.wait)
    logged = [] if voice.log is None else [_log_listener(voice.log)]
    if voice.quiet:
        yield Hearing(fan_out(tally, *logged, voice.hear), lambda: None)
    elif voice.structured or not console.stderr_is_terminal():
        lines = Lines(tally, voice.progress)
        yield Hearing(fan_out(tally, *logged, lines), lines.tick)
    else:
        from batchqual.telemetry import Progress

        progress = Progress(tally, console.stderr_console())
        try:
            yield Hearing(fan_out(tally, *logged, progress), progress.tick)
        finally:
            progress.close()


def _log_listener(log: Log) -> Listener:
    from batchqual.telemetry import log_listener

    return log_listener(log)
