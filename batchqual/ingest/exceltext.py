"""Text as a workbook can hold it."""

from __future__ import annotations

import re

__all__ = ["excel_text"]

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def excel_text(text: str) -> str:
    """The text with Excel's own escapes (``_x000B_``) for characters that XML cannot hold.

    A text that happens to look like such an escape is protected, so that it comes back as it was.
    """
    protected = _ESCAPE_LIKE.sub("_x005F_", text)
    return _FORBIDDEN.sub(lambda found: f"_x{ord(found[0]):04X}_", protected)
