"""Everything that reads what a stranger wrote, each as a function of bytes that must end in peace."""

from __future__ import annotations

import io
import json
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
from batchqual.partnercenter.judge import judge
from batchqual.partnercenter.moments import read_moment, retry_after
from batchqual.partnercenter.wire import read_holdings
from batchqual.settings import load_settings
from batchqual.signin import Kept
from batchqual.signin.kept import UnreadableTokens, document_of, tokens_in

from .hostile_workbooks import binary_workbook, open_document, packed, workbook
from .old_workbook import compound, label, old_workbook
from .sheets import customer

__all__ = ["TARGETS", "Target"]

_NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
_READING: Final = Reading(
    qualification=Qualification.SOE, limits=Limits(unpacked_bytes=1 << 24, used_area=1 << 20)
)
_BOOK: Final = workbook()
_CELLS: Final = label(0, 0, 0) + label(0, 1, 1) + label(1, 0, 2) + label(1, 1, 3)
_TEXTS: Final = ("customer_id", "qualification", customer(1), "SOE")


@dataclass(frozen=True, slots=True)
class Target:
    """``attack`` takes any bytes; ``seeds`` are sound ones, for a fuzzer to change."""

    attack: Callable[[bytes], None]
    seeds: Sequence[bytes]


def _file(data: bytes) -> None:
    with suppress(InputError):
        read(["-"], _READING, stdin=io.BytesIO(data or b"\n"))


def _parts(book: bytes) -> dict[str, bytes | str]:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _part(book: bytes, name: str) -> Target:
    """A workbook with one part exchanged: most changed bytes of an archive are but a wrong checksum."""
    parts = _parts(book)
    sound = parts.get(name, b"")
    seed = sound.encode() if isinstance(sound, str) else sound
    return Target(lambda data: _file(packed(parts | {name: data})), [seed])


def _old_records(data: bytes) -> None:
    _file(compound(data))


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
        with suppress(BatchqualError):
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


_KEPT: Final = Kept("token", "seed", "agent@contoso.example", _NOW, _NOW)
_HOLDING: Final = {
    "qualification": "Education",
    "vettingStatus": "Denied",
    "vettingCreatedDate": "2026-01-01",
}
_PAGE: Final = {"items": [{"id": customer(1), "companyProfile": {"domain": "contoso.example"}}], "links": {}}

TARGETS: Final[Mapping[str, Target]] = {
    "csv": Target(_file, [f"customer_id,qualification\n{customer(1)},SOE\n".encode(), b'sep=;\na;"b\nc"\n']),
    "archive": Target(_file, [_BOOK, binary_workbook(b""), open_document("")]),
    "xlsx-sheet": _part(_BOOK, "xl/worksheets/sheet1.xml"),
    "xlsx-book": _part(_BOOK, "xl/workbook.xml"),
    "xlsx-relations": _part(_BOOK, "xl/_rels/workbook.xml.rels"),
    "xlsx-styles": _part(_BOOK, "xl/styles.xml"),
    "xlsx-strings": _part(_BOOK, "xl/sharedStrings.xml"),
    "ods": _part(open_document(""), "content.xml"),
    "xlsb-sheet": _part(binary_workbook(b"\0\4\0\0\0\0"), "xl/worksheets/sheet1.bin"),
    "xls": Target(_file, [old_workbook(_TEXTS, _CELLS)]),
    "xls-records": Target(_old_records, [old_workbook(_TEXTS, label(0, 0, 0) + label(1, 0, 2))[1024:5120]]),
    "answers": Target(_answers, [json.dumps(one).encode() for one in ([_HOLDING], _PAGE, "None", 3)]),
    "faults": Target(
        _faults, [b'\x90\1{"code":2000,"description":"no"}', b'\x91\1{"error":{"message":"x"}}']
    ),
    "moments": Target(_moments, [b"2020-12-04T20:54:24Z", b"07/09/2020: 00:00:00", b"120"]),
    "settings": Target(_settings, [b'rate = 5\nwait = "1h"\nreport = ["a.xlsx"]\nmap = { domain = "D" }\n']),
    "tokens": Target(_tokens, [document_of({"key": _KEPT}).encode(), b"eyJ0aWQiOiJ4In0"]),
}
"""By what they read."""
