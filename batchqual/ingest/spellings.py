"""Spellings of values, as data: what people and exports write where the service wants one fixed word."""

from __future__ import annotations

from batchqual.model import EducationSegment, Qualification

from .headings import key

__all__ = [
    "NOT_SEGMENTS",
    "NUMBERED",
    "PLACEHOLDERS",
    "QUALIFICATIONS",
    "SEGMENTS",
    "UNSETTABLE",
    "is_status",
]

PLACEHOLDERS = frozenset({"no data", "n/a", "#n/a", "null", "none", "-", "–", "—", "not available"})
"""Texts (case-folded) with which exports and people say that a cell is empty."""

QUALIFICATIONS: dict[str, Qualification] = {
    key(name): qualification
    for qualification, names in {
        Qualification.EDUCATION: (
            "Education", "EDU", "Educación", "Educação", "Istruzione", "Utbildning", "教育", "образование",
        ),
        Qualification.GCC: ("GovernmentCommunityCloud", "GCC"),
        Qualification.SOE: ("StateOwnedEntity", "SOE"),
    }.items()
    for name in names
}  # fmt: skip

NUMBERED = {"1": Qualification.EDUCATION, "3": Qualification.GCC, "4": Qualification.SOE}
"""The service's enumeration, which a PowerShell export shows in place of the names."""

UNSETTABLE = {
    key(name): meaning
    for meaning, names in {
        "None": ("None", "0", "Aucun", "Ninguno", "Nenhum", "Nessuno", "なし", "無"),
        "Nonprofit": ("Nonprofit", "2"),
    }.items()
    for name in names
}

_STATUS_STARTS = tuple(map(key, ("In Review", "Not an education customer", "Approved", "Denied")))
_STATUS_PARTS = tuple(
    map(key, ("Kein Bildungskunde", "No es un cliente educativo", "não é um cliente educacional"))
)

SEGMENTS: dict[str, EducationSegment] = {
    key(name): segment
    for segment, names in {
        EducationSegment.K12: (
            "K12", "K through 12", "K to 12", "K12 Education", "Education K12", "EDU K12", "K12 School",
            "Primary and Secondary", "Primary Secondary", "Primary and Secondary Education",
            "Primary Secondary Education", "Primary Secondary Education K12",
            "Primary and Secondary Education K12", "Primary and Secondary Edu", "Primary Secondary Edu K12",
            "Primary and Secondary Edu K12",
        ),
        EducationSegment.HIGHER_EDUCATION: (
            "HigherEducation", "Higher Ed", "Higher Edu", "HiEd", "Education Higher Education",
            "Higher Education Institution",
        ),
    }.items()
    for name in names
}  # fmt: skip

NOT_SEGMENTS = frozenset(map(key, ("Libraries & Museums", "Libraries and Museums", "Library", "Museum")))
"""Kinds of education customer that are neither of the two segments."""


def is_status(folded: str) -> bool:
    """Whether a value (after `headings.key`) is a vetting status that somebody pasted, not a wish."""
    return folded.startswith(_STATUS_STARTS) or any(part in folded for part in _STATUS_PARTS)
