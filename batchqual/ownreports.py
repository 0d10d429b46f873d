"""What marks a file as a report of ours, so that it is not taken for a list of customers.

A workbook has a custom property; so has what another program makes of it when it saves it again. A CSV file
has our headings at the end of its first line.
"""

from __future__ import annotations

__all__ = ["OUR_COLUMNS", "PROPERTY", "RESULTS_SHEET"]

PROPERTY = "batchqual report"
"""The name of the custom property; its value is the ID of the run."""

RESULTS_SHEET = "Results"

OUR_COLUMNS = (
    ("row", "Row"),
    ("source", "Source"),
    ("customer_id", "Customer ID"),
    ("qualification", "Qualification"),
    ("outcome", "Outcome"),
    ("vetting_status", "Vetting Status"),
    ("vetting_reason", "Vetting Reason"),
    ("what_to_do", "What To Do"),
    ("submitted_at", "Submitted At"),
    ("settled_at", "Settled At"),
    ("attempts", "Attempts"),
    ("polls", "Polls"),
    ("http_status", "HTTP Status"),
    ("error_code", "Error Code"),
    ("error_message", "Error Message"),
    ("request_id", "Request ID"),
    ("correlation_id", "Correlation ID"),
)
"""Our columns behind the user's: the name in CSV and JSON, the heading in a workbook."""
