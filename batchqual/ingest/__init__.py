"""From a spreadsheet to requests, or to problems in words.

`read` takes files as they come (CSV and its kin, XLSX, XLSM, XLSB, XLS, ODS), finds the headings, and gives
an `Intake`: every row that is not blank, in order, with the request that it makes or with everything that is
wrong with it, named by file, cell and row number as Excel shows them. Nothing here touches the network, and
nothing is guessed in silence.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .headings import headings_seen
from .limits import Limits
from .reader import read
from .reading import FIELDS, Reading
from .resolve import domains_of, named_domains, recalled, resolved
from .words import parse_encoding, parse_mapping, parse_qualification, parse_segment

if TYPE_CHECKING:
    from .fixed import write_fixed
    from .template import write_prefilled, write_template

__all__ = [
    "FIELDS",
    "Limits",
    "Reading",
    "domains_of",
    "headings_seen",
    "named_domains",
    "parse_encoding",
    "parse_mapping",
    "parse_qualification",
    "parse_segment",
    "read",
    "recalled",
    "resolved",
    "write_fixed",
    "write_prefilled",
    "write_template",
]

_WRITERS = {"write_fixed": ".fixed", "write_prefilled": ".template", "write_template": ".template"}


def __getattr__(name: str) -> object:
    """The writers bring openpyxl with them; a run that only reads does not pay for it."""
    if name not in _WRITERS:
        raise AttributeError(name)
    writer: object = getattr(import_module(_WRITERS[name], __name__), name)
    return writer
