"""Files that are no text, and the row of the byte that is none."""

from __future__ import annotations

import codecs
import csv
import io
from functools import partial
from itertools import count
from typing import BinaryIO

from batchqual.errors import InputError

from .delimiters import delimiter_of
from .table import RawTable

__all__ = ["bad_byte", "not_text"]

_CORRECT_IT = "Correct that row in a text editor, and save the file as UTF-8"
_OR_NAME_IT = "or say which encoding it has, for example --encoding cp1252."
_SAMPLE = 64 * 1024
_LONGEST = 8 * 1024 * 1024
_HANDLER, _MARK = "batchqual_mark", "\udcff"  # no sound text holds a lone surrogate


def not_text(table: RawTable, reason: str) -> InputError:
    """The error for a file that cannot be text."""
    return InputError(
        f"{table.path} cannot be read as text: {reason}.",
        hint="Save the sheet as .xlsx or as “CSV UTF-8” and try again.",
        code="not-text",
    )


def bad_byte(stream: BinaryIO, table: RawTable, encoding: str, *, marked: bool = False) -> InputError:
    """The error for a file that is not in this encoding, with the row of the first byte that is no text.

    ``marked``: it has the byte order mark of this encoding, so that no other one can be said.
    """
    spoilt: list[int] = []

    def mark(problem: UnicodeError) -> tuple[str, int]:
        if not isinstance(problem, UnicodeDecodeError):
            raise problem
        spoilt.append(problem.object[problem.start])
        return _MARK, problem.end

    codecs.register_error(_HANDLER, mark)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, errors=_HANDLER, newline="")
    try:
        row = _row_of_mark(text)
    finally:
        text.detach()
    name = encoding.removesuffix("-sig").upper()
    return InputError(
        f"{table.path}, row {row}: the byte 0x{spoilt[0]:02X} stands there, which is no text in {name}.",
        hint=f"{_CORRECT_IT}." if marked else f"{_CORRECT_IT}, {_OR_NAME_IT}",
        code="not-text",
    )


def _row_of_mark(text: io.TextIOWrapper) -> int:
    skip, delimiter = delimiter_of(text.read(_SAMPLE), frozenset())
    text.seek(0)
    for _ in range(skip):
        text.readline()
    reader = csv.reader(iter(partial(text.readline, _LONGEST), ""), delimiter=delimiter)
    for number in count(1):
        try:
            if any(_MARK in cell for cell in next(reader)):
                return number
        except (csv.Error, StopIteration):
            return number
    raise AssertionError
