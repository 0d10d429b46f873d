"""The named statements of ``queries.sql``."""

from __future__ import annotations

import re
from importlib.resources import files

__all__ = ["QUERIES", "parse_queries"]

_NAME = re.compile(r"^-- (\w+) --$", re.MULTILINE)


def parse_queries(text: str) -> dict[str, str]:
    """Statements by name. A name stands alone on a line, ``-- name --``, and occurs once."""
    _, *parts = _NAME.split(text)
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"a query name occurs twice: {sorted(n for n in set(names) if names.count(n) > 1)}")
    return dict(zip(names, (part.strip() for part in parts[1::2]), strict=True))


QUERIES = parse_queries(files(__package__).joinpath("queries.sql").read_text(encoding="utf-8"))
