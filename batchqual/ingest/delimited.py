"""CSV and its kin: encoding, delimiter, records with the row numbers that Excel would show."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from batchqual.errors import InputError
from batchqual.model import Cell, blank

from .headings import key, strong_field
from .limits import Limits
from .table import RawTable

__all__ = ["read_delimited"]

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 64 * 1024
_SNIFFED_ROWS = 30
_MEMORY = 20_000
_PADDING = b"\x00\x1a"  # the end-of-file byte of DOS, and what fills up its last block
_SEP_LINE = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE).fullmatch
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_delimited(stream: BinaryIO, table: RawTable, limits: Limits, wanted: frozenset[str]) -> None:
    """Fill the table from a delimited text file. ``wanted`` are headings that the user named.

    Raises InputError for bytes that are not text, a quotation mark that is never closed, a cell or a row
    that is larger than the limits, always naming the row.
    """
    encoding = _encoding(stream, table)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        sample = text.read(_SAMPLE)
        first, separator = _sep_line(sample)
        table.delimiter = separator or _sniff(sample, wanted)
        stream.seek(0)
        text.seek(0)
        _read_records(_Lines(text, table, limits, skip=first), table, limits)
    except UnicodeError as problem:
        raise _not_text(table, f"its bytes are not {encoding}") from problem
    finally:
        text.detach()


def _encoding(stream: BinaryIO, table: RawTable) -> str:
    stream.seek(0)
    head = stream.read(_SAMPLE)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    wide = _wide(head)
    if wide:
        return wide
    text = head.rstrip(_PADDING)
    if text.count(0) > len(text) // 100 or _mostly_controls(text):
        raise _not_text(table, "it holds binary data")
    if _is_utf8(stream):
        return "utf-8"
    table.notice(
        "encoding",
        "the file is not UTF-8; it is read as Windows-1252. If names look wrong, save it as “CSV UTF-8”.",
    )
    return "cp1252"


def _wide(head: bytes) -> str | None:
    """UTF-16 without a byte order mark, as some tools write it: every other byte of plain text is zero."""
    pairs = len(head) // 2
    if pairs < 4:
        return None
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if odd > 0.6 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.6 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return None


def _mostly_controls(head: bytes) -> bool:
    controls = sum(head.count(byte) for byte in range(32) if byte not in (0, 9, 10, 11, 12, 13, 27))
    return controls > len(head) // 20


def _is_utf8(stream: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    try:
        while chunk := stream.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sep_line(sample: str) -> tuple[int, str | None]:
    """Excel's own first line that names the delimiter: 1 line to skip and the delimiter, or 0 and None."""
    first = sample.split("\n", 1)[0]
    match = _SEP_LINE(first)
    return (1, match[1]) if match else (0, None)


def _sniff(sample: str, wanted: frozenset[str]) -> str:
    """The delimiter under which most headings are known; among equals the one with the steadiest rows."""
    scores = [(_score(sample, delimiter, wanted), -at) for at, delimiter in enumerate(_DELIMITERS)]
    return _DELIMITERS[-max(scores)[1]]


def _score(sample: str, delimiter: str, wanted: frozenset[str]) -> tuple[int, float, int]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) == _SNIFFED_ROWS:
                break
    except csv.Error:
        return (0, 0.0, 0)
    known = max((_known(row, wanted) for row in rows), default=0)
    widths = [len(row) for row in rows if len(row) > 1]
    if not widths:
        return (known, 0.0, 0)
    usual = max(set(widths), key=widths.count)
    return (known, widths.count(usual) / len(rows), usual)


def _known(row: list[str], wanted: frozenset[str]) -> int:
    return sum(bool(strong_field(text)) or key(text) in wanted for text in row)


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


def _not_text(table: RawTable, reason: str) -> InputError:
    return InputError(
        f"{table.path} cannot be read as text: {reason}.",
        hint="Save the sheet as .xlsx or as “CSV UTF-8” and try again.",
        code="not-text",
    )
