"""The lines of the table that `make crash` prints, as docs/explanation/never-twice.md has them."""

from __future__ import annotations

from collections.abc import Mapping

from support.attack import Scene
from support.scenes import SCENES
from support.verb_scenes import VERB_SCENES

__all__ = ["LATE", "RANDOM", "SEEDS", "STORMS", "TWO_KILLS", "line_of", "lines", "unknown_names"]

SEEDS = 240
LATE = "late arrivals at every fail point"
TWO_KILLS = "two kills, the second during recovery"
RANDOM = (f"random instants, {SEEDS} seeds", f"random instants, twice in a row, {SEEDS} seeds")
STORMS = "no kill: ten storms, 2,000 customers and 5 % of each fault"

#: What happens in the scenes whose names are too short to tell it.
_WORDS: Mapping[str, str] = {
    "a sheet of everything": (
        "Education, GCC with a code that has no create to spare, StateOwnedEntity, a row by its domain"
    ),
    "creates of codes": "GCC with two codes, answers lost after the write",
    "refused for good": "refused for good, offered again",
    "stopped at a closed gate": "Ctrl-C while a 429 keeps the gate closed",
    "the first rows only": "`--first`",
    "denied rows again": "`--resubmit-denied`",
    "another content": "a row whose content was changed before it was sent",
    "a domain that moves": "a default domain that moves to another customer",
    "a ledger of the first version": "an older ledger, migrated, with unknown fates in it",
    "a request ID that is known again": (
        "a service that does know request IDs again, and shows nothing before it is asked again"
    ),
    "there already, and not to be seen": "409 whatever is sent",
    "refused after a send that was lost": "a send lost, the next one refused",
    "never a clear answer": "three sends lost: `unknown`, and nothing more is sent",
    "a fate that is given up": "`--resend-unknown`: three sends lost, given up, and asked for anew",
    "grants that are taken away": "`--recheck`: grants that are denied later, or gone",
    "reviews that are dropped": "seen in review, and gone: denied",
    "denied before we came": "denied before we came, `--resubmit-denied`",
    "commits that are done again": "commits that are rolled back and done again, each change for itself",
    "a disk that fails": "a disk that fails in the middle of a run",
    "three reports": "the writing of three reports",
    "the synchronous API": "`--api synchronous`",
    "signed in by a rotated token": "a refresh token that is rotated",
    "signed in by a token of a key vault": "a refresh token that goes back into a key vault",
    "`login`, once more": "`login`, signed in before",
    "`plan` of what is open": "`plan` behind a run that was killed",
    "`resume`": "`resume` behind a run that was killed",
    "`resume` of a ledger of the first version": "`resume` with an older ledger, migrated",
    "`status`": "`status` behind a run that was killed",
    "`status` of a ledger of the first version": "`status` of an older ledger, which stays as it is",
    "`report` of a killed run": "`report` of a run that was killed",
    "`report` of a run": "`report` of a finished run",
    "`customers`, with the sheet written": "`customers`, with its sheet written already",
    "`customers` and what they hold": "`customers --with-qualifications`",
}


def line_of(scene: Scene, *, has_points: bool = True) -> str:
    """What is killed in a scene, and where: one that comes to no fail point is killed at instants."""
    where = "at each fail point" if has_points else "at eight instants, for it comes to no fail point"
    return f"{where}: {_WORDS.get(scene.name, scene.name)}"


def lines() -> list[tuple[str, ...]]:
    """The lines in their order, each in all its forms: which it takes, the run itself finds out."""
    scenes = [(line_of(scene), line_of(scene, has_points=False)) for scene in (*SCENES, *VERB_SCENES)]
    return [*scenes, *((name,) for name in (LATE, TWO_KILLS, *RANDOM, STORMS))]


def unknown_names() -> list[str]:
    """Words for scenes that are none."""
    return sorted(_WORDS.keys() - {scene.name for scene in (*SCENES, *VERB_SCENES)})
