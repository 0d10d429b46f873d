"""Everything that reads what a stranger wrote, each as a function of bytes that must end in peace."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from multidict import CIMultiDict

from batchqual.errors import BatchqualError, InputError, UsageError
from batchqual.ingest import Limits, Reading, read
from batchqual.model import Qualification
from batchqual.partnercenter import Call, Reply, claims
from batchqual.partnercenter.answers import read_codes, read_customer, read_refusal, read_submitted
from batchqual.partnercenter.customers import read_page
from batchqual.partnercenter.faults import read_fault
from batchqual.partnercenter.judge import Forbidden, judge
from batchqual.partnercenter.moments import read_moment, retry_after
from batchqual.partnercenter.wire import read_holdings
from batchqual.settings import load_settings
from batchqual.signin import Kept
from batchqual.signin.kept import UnreadableTokens, document_of, tokens_in

from .binary_sheets import damaged_parts
from .hostile_workbooks import packed, workbook
from .old_workbook import compound, label, old_workbook, record
from .sheets import customer
from .sound_workbooks import NAMES, binary_parts, document_parts, shared_parts

__all__ = ["TARGETS", "Target"]

_NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
_READING: Final = Reading(
    qualification=Qualification.SOE, limits=Limits(unpacked_bytes=1 << 24, used_area=1 << 16)
)
_CELLS: Final = label(0, 0, 0) + label(0, 1, 1) + label(1, 0, 2) + label(1, 1, 3)
_ROWS: Final = (("customer_id", "qualification"), (customer(1), "SOE"))
_TEXTS: Final = (*_ROWS[0], *_ROWS[1])
_BINARY: Final = binary_parts(_ROWS)
_DAMAGED: Final = damaged_parts([customer(1)])
_DOCUMENT: Final = document_parts(_ROWS)


@dataclass(frozen=True, slots=True)
class Target:
    """``attack`` takes any bytes; ``seeds`` are sound ones, for a fuzzer to change. ``sheet`` makes the file
    of them that a reader of sheets is given; None where something else is read."""

    attack: Callable[[bytes], None]
    seeds: Sequence[bytes]
    sheet: Callable[[bytes], bytes] | None = None


def _file(data: bytes) -> None:
    with suppress(InputError):
        read(["-"], _READING, stdin=io.BytesIO(data or b"\n"))


def _parts(book: bytes) -> dict[str, bytes | str]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _sheet(seeds: Sequence[bytes], sheet: Callable[[bytes], bytes] = bytes) -> Target:
    return Target(lambda data: _file(sheet(data)), seeds, sheet)


def _part(parts: Mapping[str, bytes | str], name: str, *seeds: str) -> Target:
    """A workbook with one part exchanged: most changed bytes of an archive are but a wrong checksum."""
    return _sheet([_bytes(one) for one in (parts[name], *seeds)], lambda data: packed({**parts, name: data}))


def _bytes(part: bytes | str) -> bytes:
    return part.encode() if isinstance(part, str) else part


def _with_damaged(sheet: bytes) -> bytes:
    """A binary workbook behind whose cover stands this sheet."""
    return packed({**_DAMAGED, "xl/worksheets/sheet2.bin": sheet})


def _reply(data: bytes, status: int = 200) -> Reply:
    headers = CIMultiDict({"Retry-After": data[:40].decode("latin-1"), "MS-ContinuationToken": "x"})
    return Reply(status, data[:20].decode("latin-1"), headers, data, complete=True, correlation_id="c")


def _answers(data: bytes) -> None:
    read_holdings(data)
    read_codes(data)
    read_customer(data)
    read_refusal(data)
    read_page(_reply(data))
    for wanted in Qualification:
        read_submitted(data, wanted)


def _faults(data: bytes) -> None:
    status = 100 + int.from_bytes(data[:2], "little") % 500
    reply = _reply(data[2:], status)
    assert len(read_fault(reply).message) <= 1024
    for writes in (False, True):
        with suppress(BatchqualError, Forbidden):
            judge(Call("POST", "/", "x", "r", writes=writes), reply, _NOW)


def _moments(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    read_moment(text)
    pause = retry_after({"Retry-After": text, "Date": text[::-1]}, _NOW)
    assert pause is None or pause > 0


def _settings(data: bytes) -> None:
    path = Path(gettempdir()) / "batchqual-fuzz.toml"
    path.write_bytes(data)
    with suppress(UsageError):
        load_settings({"config": str(path)}, environ={})


def _tokens(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    with suppress(UnreadableTokens):
        for kept in tokens_in(text, "a file").values():
            document_of({"key": kept}).encode()
    claims(text)
    claims(f"a.{text}.b")


_OLD_FACTS: Final = (
    record(0x208, struct.pack("<HHHHHHI", 1, 0, 2, 300, 0, 0, 0x20))
    + record(0x06, struct.pack("<HHHBBHHH", 2, 0, 0, 2, 0, 7, 0, 0xFFFF) + bytes(8))
    + record(0x7D, struct.pack("<HHHHH", 1, 1, 300, 0, 1) + bytes(2))
    + record(0xE5, struct.pack("<HHHHH", 1, 1, 2, 1, 1))
    + record(0xBD, struct.pack("<HHHIHIH", 2, 2, 0, 0, 0, 0, 3))
    + record(0x205, struct.pack("<HHHBB", 2, 4, 0, 7, 1))
)
_FORMATTED: Final = (
    f"<office:document-content {NAMES}><office:automatic-styles>"
    '<number:number-style style:name="N1"><number:number number:min-integer-digits="6"'
    ' number:decimal-places="0"/><number:text>x</number:text></number:number-style>'
    '<number:time-style style:name="N2" number:truncate-on-overflow="false">'
    "<number:hours/></number:time-style>"
    '<style:style style:name="c" style:family="table-cell" style:data-style-name="N1"/>'
    "</office:automatic-styles><office:body><office:spreadsheet>"
    '<table:table table:name="A"><table:table-column table:default-cell-style-name="c"'
    ' table:number-columns-repeated="3" table:visibility="collapse"/><table:table-row>'
    '<table:table-cell office:value-type="float" office:value="1" table:formula="of:=1"'
    ' table:number-matrix-rows-spanned="2"/><table:table-cell office:value-type="string"'
    ' calcext:value-type="error" table:number-columns-repeated="2"><text:p>#N/A</text:p></table:table-cell>'
    "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
)
_BOOK: Final = _parts(workbook())
_KEPT: Final = Kept("token", "seed", "agent@contoso.example", _NOW, _NOW)
_HOLDING: Final = {
    "qualification": "Education",
    "vettingStatus": "Denied",
    "vettingCreatedDate": "2026-01-01",
}
_PAGE: Final = {"items": [{"id": customer(1), "companyProfile": {"domain": "contoso.example"}}], "links": {}}

TARGETS: Final[Mapping[str, Target]] = {
    "csv": _sheet([f"customer_id,qualification\n{customer(1)},SOE\n".encode(), b'sep=;\na;"b\nc"\n']),
    "archive": _sheet([workbook(), packed(_BINARY), packed(_DOCUMENT)]),
    "xlsx-sheet": _part(_BOOK, "xl/worksheets/sheet1.xml"),
    "xlsx-book": _part(_BOOK, "xl/workbook.xml"),
    "xlsx-relations": _part(_BOOK, "xl/_rels/workbook.xml.rels"),
    "xlsx-styles": _part(_BOOK, "xl/styles.xml"),
    "xlsx-strings": _part(_BOOK | shared_parts(_ROWS), "xl/sharedStrings.xml"),
    "xlsx-types": _part(_BOOK, "[Content_Types].xml"),
    "xlsx-package": _part(_BOOK, "_rels/.rels"),
    "ods": _part(_DOCUMENT, "content.xml", _FORMATTED),
    "ods-manifest": _part(_DOCUMENT, "META-INF/manifest.xml"),
    "xlsb-facts": _sheet([_bytes(_DAMAGED["xl/worksheets/sheet2.bin"])], _with_damaged),
    "xlsb-styles": _part(_BINARY | {"xl/styles.bin": _DAMAGED["xl/styles.bin"]}, "xl/styles.bin"),
    "xlsb-sheet": _part(_BINARY, "xl/worksheets/sheet1.bin"),
    "xlsb-book": _part(_BINARY, "xl/workbook.bin"),
    "xlsb-strings": _part(_BINARY, "xl/sharedStrings.bin"),
    "xls": _sheet([old_workbook(_TEXTS, _CELLS)]),
    "xls-records": _sheet(
        [old_workbook(_TEXTS, cells)[1024:5120] for cells in (_CELLS, _CELLS + _OLD_FACTS)], compound
    ),
    "answers": Target(_answers, [json.dumps(one).encode() for one in ([_HOLDING], _PAGE, "None", 3)]),
    "faults": Target(
        _faults, [b'\x90\1{"code":2000,"description":"no"}', b'\x91\1{"error":{"message":"x"}}']
    ),
    "moments": Target(_moments, [b"2020-12-04T20:54:24Z", b"07/09/2020: 00:00:00", b"120"]),
    "settings": Target(_settings, [b'rate = 5\nwait = "1h"\nreport = ["a.xlsx"]\nmap = { domain = "D" }\n']),
    "tokens": Target(_tokens, [document_of({"key": _KEPT}).encode(), b"eyJ0aWQiOiJ4In0"]),
}
"""By what they read."""
