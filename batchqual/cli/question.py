"""The question before anything is written, with the plan on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batchqual.telemetry import count_of, outcome_words, spell_span

from . import console
from .stopping import Interrupted

if TYPE_CHECKING:
    from batchqual.pipeline import Plan
    from batchqual.settings import Settings

__all__ = ["Question", "plan_in_words"]


class Question:
    """Shows the plan and asks. ``is_open`` while the answer is waited for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.is_open = False

    def __call__(self, plan: Plan) -> bool:
        """Whether the user said yes. Raises Interrupted for a Ctrl-C."""
        console.talk(plan_in_words(plan, self._settings))
        self.is_open = True
        try:
            return console.answer_to(_question(plan))
        except KeyboardInterrupt:
            console.talk("")
            raise Interrupted("Interrupted. Nothing was sent.") from None
        finally:
            self.is_open = False


def plan_in_words(plan: Plan, settings: Settings) -> str:
    """What a run would do at most, in a few lines."""
    kinds = ", ".join(f"{count:,} {kind.short}" for kind, count in plan.sendable.items() if count)
    lines = [
        f"{count_of(plan.rows, 'row')}; {count_of(plan.total, 'submission')} at most ({kinds or 'none'})."
    ]
    if plan.last_attempts:
        customers = count_of(plan.last_attempts, "customer")
        lines.append(f"For {customers} this is the third and last Education request.")
    known = {
        "settled before": plan.settled,
        "in review": plan.in_review,
        "in conflict": plan.conflicts,
        "without an Education request left (the last one needs --allow-last-attempt)": plan.held_back,
        "of unknown fate, sent again only if looks show nothing": plan.unknown,
        "of unknown fate, given up and asked for anew if looks show nothing": plan.renewed,
        "of unknown fate after the last send, looked at only (--resend-unknown asks anew)": plan.worn_out,
    }
    others = [words for words in (outcome_words(plan.presets),) if words]
    others += [f"{count:,} {words}" for words, count in known.items() if count]
    if others:
        lines.append(f"The other rows: {'; '.join(others)}.")
    if plan.lookups:
        lines.append(f"{count_of(plan.lookups, 'customer')} to be looked up by domain first.")
    lines.append(f"To {settings.address}: about {count_of(plan.requests, 'request')}{_time(plan, settings)}.")
    return "\n".join(lines)


def _time(plan: Plan, settings: Settings) -> str:
    if not settings.rate:
        return ""
    return f", {spell_span(plan.seconds)} at {settings.rate:g} a second; vetting takes longer"


def _question(plan: Plan) -> str:
    if plan.total:
        pronoun = "It" if plan.total == 1 else "They"
        return f"Submit up to {count_of(plan.total, 'qualification')}? {pronoun} cannot be undone."
    return f"Send {count_of(plan.most, 'submission')} of unknown fate again if need be? It cannot be undone."
