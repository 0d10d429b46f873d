"""What we tell people: a workbook, a CSV file or a JSON document about a run, with totals that balance.

A `RunReport` holds everything a report says. `check_report_path` is asked before anything is sent,
`write_report` after all is done; `reconcile` refuses numbers that do not add up, and `what_to_do` turns a
row's verdict into the next step for a person.
"""

from .advice import what_to_do
from .balance import exit_code_for, reconcile
from .document import Json, summary_document
from .flat import result_records
from .paths import check_report_path, default_report_path, keep_from_harm
from .run_report import ErrorNote, Requests, RunReport
from .writing import write_report

__all__ = [
    "ErrorNote",
    "Json",
    "Requests",
    "RunReport",
    "check_report_path",
    "default_report_path",
    "exit_code_for",
    "keep_from_harm",
    "reconcile",
    "result_records",
    "summary_document",
    "what_to_do",
    "write_report",
]
