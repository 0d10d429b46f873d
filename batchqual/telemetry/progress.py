"""Progress on a terminal: a few lines that are drawn again and vanish at the end."""

from __future__ import annotations

from contextlib import suppress

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from batchqual.events import Event, RunFinished, RunStarted, SigningIn
from batchqual.model import Attention, Outcome

from .phrases import count_of, spell_span
from .tally import Phase, Tally

__all__ = ["Progress", "render"]

_STYLES = {Attention.QUIET: "green", Attention.WAITING: "yellow", Attention.NEEDED: "red"}
_BAR_WIDTH = 30


class Progress:
    """Draws a `Tally` on ``console``. Tell the tally first, then this; `tick` draws again.

    Nothing is drawn before the run has started, so that a question may be asked before. Lines that others
    write to standard error meanwhile appear above.
    """

    def __init__(self, tally: Tally, console: Console) -> None:
        self._tally = tally
        self._console = console
        self._live = Live(
            console=console,
            auto_refresh=False,  # drawn from the run's own loop: no thread reads what another one writes
            transient=True,
            redirect_stdout=False,
            get_renderable=lambda: render(tally),
        )

    def __call__(self, event: Event) -> None:
        """Start and end with the run."""
        if isinstance(event, SigningIn):
            self._console.print(event.words)
        elif isinstance(event, RunStarted):
            self._live.start(refresh=True)
        elif isinstance(event, RunFinished):
            self.close()

    def tick(self) -> None:
        """Draw again."""
        if self._live.is_started:
            self._live.refresh()

    def close(self) -> None:
        """Take the display away; also when the run ended in an error."""
        with suppress(OSError, ValueError):  # the terminal may be gone
            self._live.stop()


def render(tally: Tally) -> RenderableType:
    """The display for a tally."""
    parts: list[RenderableType] = [_head(tally), _counts(tally)]
    if tally.pause_left:
        pause = spell_span(tally.pause_left)
        parts.append(Text(f"The service asks everyone to wait: {pause} left.", style="yellow"))
    if tally.stop_reason:
        parts.append(Text(tally.stop_reason, style="bold"))
    return Group(*parts)


def _head(tally: Tally) -> RenderableType:
    done = tally.offered - tally.left
    grid = Table.grid(padding=(0, 2))
    title = Text(_title(tally), style="bold")
    if tally.phase is Phase.SUBMITTING:
        left = tally.seconds_left
        about = f", about {spell_span(left)} left" if left is not None else ""
        bar = ProgressBar(total=tally.offered, completed=done, width=_BAR_WIDTH)
        grid.add_row(title, bar, Text(f"{done:,} of {tally.offered:,}{about}"))
    else:
        grid.add_row(title, Text(_watching(tally)))
    return grid


def _title(tally: Tally) -> str:
    match tally.phase:
        case Phase.SUBMITTING:
            return "Would submit" if tally.run and tally.run.command == "plan" else "Submitting"
        case Phase.STOPPING:
            return "Stopping"
        case _:
            return "Looking"


def _watching(tally: Tally) -> str:
    if not tally.in_review:
        return count_of(tally.run.customers, "customer") if tally.run else ""
    review = f"{count_of(tally.in_review, 'request')} in review"
    return f"{review}, {spell_span(tally.watch_left)} at most" if tally.watch_left else review


def _counts(tally: Tally) -> Text:
    line = Text()
    for outcome in Outcome:
        if count := tally.standings[outcome]:
            line.append(f"{count:,} {outcome.words.lower()}   ", style=_STYLES[outcome.attention])
    if tally.submitted:
        line.append(f"({count_of(tally.submitted, 'submission')} answered)", style="dim")
    return line
