"""Rows and results as pandas frames, for notebooks."""

from __future__ import annotations

import io

import pandas as pd

from .composition import read_input
from .model import Intake
from .report import RunReport, result_records
from .settings import Settings, load_settings

__all__ = ["read_frame", "to_frame"]


def read_frame(frame: pd.DataFrame, settings: Settings | None = None) -> Intake:
    """The rows of a frame as if it were a sheet: its columns are the headings, its first row is row 2.

    Text columns keep what they hold; write codes and ids as text. Raises InputError.
    """
    settings = (settings or load_settings({})).model_copy(update={"encoding": None})
    text = frame.to_csv(index=False, lineterminator="\r\n").encode("utf-8")
    return read_input(["-"], settings, stdin=io.BytesIO(text))


def to_frame(report: RunReport) -> pd.DataFrame:
    """The report's rows: the user's columns first, then ours under their names in the CSV report.

    Times are timezone-aware UTC; what is not known is None.
    """
    columns, records = result_records(report)
    return pd.DataFrame(records, columns=pd.Index(columns))
