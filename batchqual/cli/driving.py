"""What `run`, `plan`, `resume` and `rehearse` have in common: settings, listeners, signals, the end."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Literal, TypeAlias

from batchqual.errors import UsageError

from . import console
from .declare import Flags
from .question import Question
from .stopping import stoppable
from .voice import Hearing, Voice, listening, voice_of

if TYPE_CHECKING:
    from batchqual.events import Listener
    from batchqual.pipeline import Plan, StopSwitch
    from batchqual.report import RunReport
    from batchqual.settings import Settings

__all__ = ["Start", "drive", "paths_in", "settings_and_voice", "start_of", "stdin_for"]

_SECONDS_BETWEEN_TICKS = 0.25
_LEAVE = ("resubmit_denied", "resend_unknown", "allow_last_attempt")

Start: TypeAlias = """Callable[
    [Settings, Listener, StopSwitch, Callable[[Plan], bool] | None], Coroutine[None, None, RunReport]
]"""
"""Begins a run: settings, who listens, how it is stopped, who can be asked."""


def drive(
    flags: Flags, start: Start, *, defaults: Mapping[str, object] | None = None, submits: bool = True
) -> int:
    """Do a run and tell how it went; returns the exit code. ``submits`` is False where nothing new is ever
    sent. Raises BatchqualError."""
    from .ending import conclude

    settings, voice = settings_and_voice(flags, defaults=defaults)
    for sentence in _leave_for_nothing(flags, settings, submits=submits):
        voice.say(f"note: {sentence}")
    question = Question(settings)
    confirm = question if console.is_terminal() else None
    with listening(settings, voice) as hearing, stoppable(voice.say, question) as stop:
        report = asyncio.run(_attended(start(settings, hearing.say, stop, confirm), hearing))
    conclude(report, settings, voice)
    return report.exit_code


def _leave_for_nothing(flags: Flags, settings: Settings, *, submits: bool) -> Iterator[str]:
    """What was typed and changes nothing. A settings file may say it for other commands."""
    if not submits:
        typed = [f"--{name.replace('_', '-')}" for name in _LEAVE if flags.get(name)]
        if typed:
            verb = "changes" if len(typed) == 1 else "change"
            yield f"{' and '.join(typed)} {verb} nothing here: nothing new is sent."
        return
    if flags.get("allow_last_attempt") and not (settings.resubmit_denied or settings.resend_unknown):
        yield "--allow-last-attempt changes nothing without --resubmit-denied or --resend-unknown."
    if settings.resend_unknown and not flags.get("resend_unknown"):
        place = settings.origin_of("resend_unknown")
        yield f"{place} says --resend-unknown: while it does, every run asks anew for rows of unknown fate."


def settings_and_voice(
    flags: Flags, *, defaults: Mapping[str, object] | None = None
) -> tuple[Settings, Voice]:
    """The settings, and the voice that they ask for; variables that nothing reads are told. Raises
    UsageError."""
    from batchqual.settings import load_settings

    settings = load_settings(flags, defaults=defaults)
    voice = voice_of(settings)
    for sentence in settings.notes:
        voice.say(f"note: {sentence}")
    return settings, voice


def start_of(command: Literal["run", "plan", "resume"], paths: Sequence[str]) -> Start:
    """A run of the real thing: against whatever service the settings name."""

    def start(
        settings: Settings, say: Listener, stop: StopSwitch, confirm: Callable[[Plan], bool] | None
    ) -> Coroutine[None, None, RunReport]:
        from batchqual import composition

        return composition.run(
            command, paths, settings, confirm=confirm, say=say, stop=stop, stdin=stdin_for(paths)
        )

    return start


def paths_in(flags: Flags, verb: str) -> list[str]:
    """The INPUT words. Raises UsageError when there is none."""
    inputs = flags.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise UsageError(
            f"{verb} needs at least one INPUT: a spreadsheet, or - for CSV on standard input.",
            hint=f"For example: batchqual {verb} customers.xlsx",
        )
    return inputs


def stdin_for(paths: Sequence[str]) -> BinaryIO | None:
    """Standard input, where a path names it."""
    if "-" not in paths or sys.stdin is None:
        return None
    if sys.stdin.isatty():
        console.talk("Reading CSV from standard input, up to its end (Ctrl-D, on Windows Ctrl-Z and Enter).")
    return sys.stdin.buffer


async def _attended(work: Coroutine[None, None, RunReport], hearing: Hearing) -> RunReport:
    """Do the work, and keep what is shown up to date meanwhile."""
    ticking = asyncio.create_task(_tick(hearing))
    try:
        return await work
    finally:
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking


async def _tick(hearing: Hearing) -> None:
    with suppress(OSError, ValueError):  # the terminal is gone: the run goes on unseen
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_TICKS)
            hearing.tick()
