"""Words that the user types as options, read with the same eyes as cells."""

from __future__ import annotations

from batchqual.model import EducationSegment, Qualification

from .cells import EXAMPLES, read_qualification, read_segment
from .reading import FIELDS

__all__ = ["parse_mapping", "parse_qualification", "parse_segment"]


def parse_qualification(text: str) -> Qualification:
    """The qualification that a word means. Raises ValueError with a sentence for a person."""
    value, finding = read_qualification(text)
    if value is None:
        raise ValueError(f"“{text}” {finding.message if finding else ''}. Say {EXAMPLES['qualification']}.")
    return value


def parse_segment(text: str) -> EducationSegment:
    """The education segment that a word means. Raises ValueError with a sentence for a person."""
    value, finding = read_segment(text)
    if value is None:
        raise ValueError(
            f"“{text}” {finding.message if finding else ''}. Say {EXAMPLES['education_segment']}."
        )
    return value


def parse_mapping(text: str) -> tuple[str, str]:
    """``FIELD=HEADING`` as field and heading. Raises ValueError with a sentence for a person."""
    field, equals, heading = text.partition("=")
    name = field.strip().lower().replace("-", "_").replace(" ", "_")
    if not equals or not heading.strip():
        raise ValueError(f"“{text}” is not FIELD=HEADING; say for example customer_id=Tenant.")
    if name not in FIELDS:
        raise ValueError(f"“{field.strip()}” is not a field. The fields are {', '.join(FIELDS)}.")
    return name, heading.strip()
