"""Words of the remote service, as its documents print them. Written down again here, on purpose, and not
shared with the client: a simulator that borrowed the client's words could only ever agree with it."""

from __future__ import annotations

import re
from typing import Final

NONE: Final = "None"
EDUCATION: Final = "Education"
NONPROFIT: Final = "Nonprofit"
GCC: Final = "GovernmentCommunityCloud"
SOE: Final = "StateOwnedEntity"

#: The enum as the .NET reference and the API description of 2021 number it.
NUMBERS: Final = {0: NONE, 1: EDUCATION, 2: NONPROFIT, 3: GCC, 4: SOE}
ENUM: Final = {name: number for number, name in NUMBERS.items()}
SETTABLE: Final = (EDUCATION, GCC, SOE)
SNAKE: Final = {
    NONE: "none",
    EDUCATION: "education",
    NONPROFIT: "nonprofit",
    GCC: "government_community_cloud",
    SOE: "state_owned_entity",
}
SEGMENTS: Final = ("K12", "HigherEducation")

APPROVED: Final = "Approved"
IN_REVIEW: Final = "InReview"
DENIED: Final = "Denied"

#: The change log of December 2020 lists these seven and ends with "Etc.".
REASONS: Final = (
    "Not an Education Customer",
    "No longer an Education Customer",
    "Not an Education Customer - After Review",
    "Restricted being an Education Customer",
    "Not an Academic Domain",
    "Not an eligible Library",
    "Not an eligible Museum",
)
#: What the synchronous PUT was seen to answer, as a bare JSON string, in January 2020.
SYNC_DENIAL: Final = "Customer tagging denied."

_BY_FOLDED: Final = {name.casefold(): name for name in ENUM}
_GUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def canonical(text: str) -> str | None:
    """The qualification that `text` names without regard to case, or None."""
    return _BY_FOLDED.get(text.casefold())


def is_guid(text: str) -> bool:
    """Whether `text` is a GUID in its plain, hyphenated form, which is all that a path takes."""
    return _GUID.fullmatch(text) is not None
