"""CSV and its kin: encoding, delimiter, records with the row numbers that Excel would show."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from batchqual.errors import InputError
from batchqual.model import Cell, blank

from .delimiters import delimiter_of
from .encodings import encoding_of
from .headings import key
from .limits import Limits
from .reading import Reading
from .table import RawTable

__all__ = ["read_delimited"]

_SAMPLE = 64 * 1024
_MEMORY = 20_000


def read_delimited(stream: BinaryIO, table: RawTable, reading: Reading) -> None:
    """Fill the table from a delimited text file.

    Raises InputError for bytes that are not text, a quotation mark that is never closed, a cell or a row
    that is larger than the limits, always naming the row.
    """
    limits = reading.limits
    wanted = frozenset(key(heading) for heading in reading.mapping.values())
    encoding = encoding_of(stream, table, reading.encoding)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        skip, table.delimiter = delimiter_of(text.read(_SAMPLE), wanted)
        stream.seek(0)
        text.seek(0)
        _read_records(_Lines(text, table, limits, skip=skip), table, limits)
    finally:
        text.detach()


class _Lines:
    """Lines as the csv module wants them. ``spent`` is reset at the end of a record: neither a line nor a
    record of several lines is longer than the limit (it is held in memory whole)."""

    def __init__(self, text: io.TextIOWrapper, table: RawTable, limits: Limits, *, skip: int) -> None:
        for _ in range(skip):
            text.readline()
        self._readline = text.readline
        self._longest = limits.line_chars
        self._table = table
        self.spent = 0

    def __iter__(self) -> Iterator[str]:
        readline, longest = self._readline, self._longest
        while line := readline(longest):
            self.spent += len(line)
            if self.spent >= longest:
                after = self._table.numbers[-1] if self._table.numbers else 0
                raise InputError(
                    f"{self._table.path}: a line after row {after} has more than {longest:,} characters.",
                    hint="Open the file in Excel, look at that row, and save it again.",
                    code="line-too-long",
                )
            yield line


def _read_records(lines: _Lines, table: RawTable, limits: Limits) -> None:
    number = total = 0
    usual = csv.field_size_limit(limits.cell_chars)
    reader = csv.reader(lines, delimiter=table.delimiter or ",", strict=True)
    memory: dict[str, Cell] = {}
    numbers, cells = table.numbers, table.cells
    try:
        for record in reader:
            number += 1
            lines.spent = 0
            if not record or (blank(record[0]) and all(map(blank, record))):
                continue
            if number == 1 and record[0].startswith("#TYPE "):
                continue
            if len(record) > limits.columns or len(cells) >= limits.rows:
                raise _too_large(table, number, len(record), limits)
            total += len(record)
            if total > limits.used_area:
                raise _too_large(table, number, 0, limits)
            numbers.append(number)
            if len(memory) < _MEMORY:  # the same word in many rows is kept once
                cells.append(tuple([memory.setdefault(cell, cell) for cell in record]))
            else:
                cells.append(tuple([memory.get(cell, cell) for cell in record]))
    except csv.Error as problem:
        raise _broken(table, number + 1, str(problem), limits) from problem
    finally:
        csv.field_size_limit(usual)


def _too_large(table: RawTable, number: int, width: int, limits: Limits) -> InputError:
    if width > limits.columns:
        what = f"row {number} has {width:,} fields; more than {limits.columns:,} are not read"
    elif len(table.cells) >= limits.rows:
        what = f"there are more than {limits.rows:,} rows"
    else:
        what = f"there are more than {limits.used_area:,} cells"
    return InputError(
        f"{table.path}: {what}.",
        hint="Split the file, or remove what does not belong to it.",
        code="too-large",
    )


def _broken(table: RawTable, number: int, problem: str, limits: Limits) -> InputError:
    if "field larger" in problem:
        return InputError(
            f"{table.path}, row {number}: a cell has more than {limits.cell_chars:,} characters, which no"
            " Excel cell can hold; perhaps a quotation mark opens there and is never closed.",
            hint="Look at that row in a text editor, and close the quotation mark or shorten the cell.",
            code="cell-too-long",
        )
    return InputError(
        f"{table.path}, row {number}: a quotation mark opens a cell there and is not closed as it should be.",
        hint='Open the file in Excel and save it again, or write a quotation mark within a cell twice ("").',
        code="open-quote",
    )
