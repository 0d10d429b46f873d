"""What we talk about: qualifications, vetting, rows, outcomes. Pure values that know no machinery."""

from .cell import Cell, blank, trimmed, without_invisible
from .domain import plain_domain
from .outcome import Attention, Outcome, Verdict
from .qualification import EducationSegment, Qualification, QualificationRequest, Wish, mask_code
from .rows import OWN_REPORT, InputFile, InputRow, Intake, Problem, RowResult, cell_name, column_letters
from .vetting import ABSENT, NONE, Holding, VettingStatus

__all__ = [
    "ABSENT",
    "NONE",
    "OWN_REPORT",
    "Attention",
    "Cell",
    "EducationSegment",
    "Holding",
    "InputFile",
    "InputRow",
    "Intake",
    "Outcome",
    "Problem",
    "Qualification",
    "QualificationRequest",
    "RowResult",
    "Verdict",
    "VettingStatus",
    "Wish",
    "blank",
    "cell_name",
    "column_letters",
    "mask_code",
    "plain_domain",
    "trimmed",
    "without_invisible",
]
