"""Every code with which ingest can name a problem, read from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from support.house import ROOT

from batchqual.model import OWN_REPORT
from batchqual.paths import INPUT

__all__ = ["problem_codes"]

#: Words in the source of ingest that look like the code of a problem, and are none.
_NO_PROBLEM = {"covered-table-cell", "table-cell", "table-row", "utf-8", "utf-8-sig", "utf-16", "utf-32"}
_NO_PROBLEM |= {"utf-7", "utf-16-le", "utf-16-be", "latin-1", "windows-1252", "unicode-escape"}
_NO_PROBLEM |= {"raw-unicode-escape", "utf-32-le", "utf-32-be"}
_NO_PROBLEM |= {"ms-excel", "file-entry", "full-path", "media-type"}
_NO_PROBLEM |= {"d-mmm", "d-mmm-yy", "mm-dd-yy", "mmm-yy", "am-pm", "day-of-week"}
_NO_PROBLEM |= {
    f"{kind}-style" for kind in ("boolean", "currency", "date", "number", "percentage", "text", "time")
}
_NO_PROBLEM |= {"currency-symbol", "encryption-data", "scientific-number", "table-column", "table-properties"}
_NAMING = {"Finding", "Problem", "notice"}


def problem_codes() -> set[str]:
    """Its words in kebab case, and whatever else is given as a code."""
    found = {INPUT.code, OWN_REPORT}
    for path in (ROOT / "batchqual" / "ingest").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found |= set(_given(node))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(r"^[a-z]+(?:-[a-z0-9]+)+$", node.value))
    return found - _NO_PROBLEM


def _given(call: ast.Call) -> Iterator[str]:
    named = [word.value for word in call.keywords if word.arg == "code"]
    if getattr(call.func, "id", getattr(call.func, "attr", "")) in _NAMING:
        named += call.args[:1]
    for value in named:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value
