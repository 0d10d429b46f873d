"""The screen of the user, by way of rich."""

from __future__ import annotations

from rich.console import Console

__all__ = ["Screen"]


class Screen(Console):
    """Standard error: colours on a terminal only and not with NO_COLOR, and nothing read as markup."""

    def __init__(self) -> None:
        super().__init__(stderr=True, highlight=False, markup=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """Fall silent. Rich would end the program here, in the middle of a run that writes."""
        self.quiet = True
