"""Log lines that nobody but us can write, whatever stands in a cell or in an answer."""

from __future__ import annotations

import json
from typing import Literal

import pytest

from batchqual.telemetry import open_log

FORGED = (
    "x\n2026-01-01T00:00:00Z error batchqual.error",
    'x" level=error event=batchqual.error',
    'x\\" level=error',
    "\x1b[2J\x1b[31mred",
    "\x9b31m",
    "\u202etxet",
    "\u2066\u2067\u2069",
    "\u061ca",
    "\u2028b",
    "\ud800",
)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("text", FORGED)
def test_a_value_is_one_value_of_one_line(text: str, form: Literal["text", "json"]) -> None:
    """Line breaks, escapes of terminals and changes of direction are spelt out, alone and in a list."""
    lines: list[str] = []
    open_log(lines.append, form=form, level="info").info("batchqual.message", words=text, more=(text,))
    (line,) = lines
    assert line.isprintable()
    assert 1 == len(line.splitlines())
    if form == "json":
        assert {"timestamp", "level", "event", "words", "more"} == json.loads(line).keys()
        assert ("info", "batchqual.message") == (json.loads(line)["level"], json.loads(line)["event"])
