"""The look at all that a run needs: settings, files, ways, tokens, and what the service says. It mends
nothing and raises nothing: whatever a check meets becomes a `Finding`, in words, with the fix.

`order` has all checks, one after the other; `examine` makes them; `as_scheduled` lets a process make them
that has as little around it as a scheduler gives.
"""

from .document import document_of
from .examination import Diagnosis, examine
from .finding import Finding, State
from .listing import Setting
from .order import CHECKS
from .scheduled import as_scheduled, bare_environment

__all__ = [
    "CHECKS",
    "Diagnosis",
    "Finding",
    "Setting",
    "State",
    "as_scheduled",
    "bare_environment",
    "document_of",
    "examine",
]
