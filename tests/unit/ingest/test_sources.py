"""Files by name, and what they really are."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import threading
import zipfile
from pathlib import Path

import pytest
from support.hostile_workbooks import packed
from support.old_workbook import compound, record
from support.sheets import HEADINGS, csv_file, customer, intake, xlsx_file

from batchqual.errors import InputError
from batchqual.ingest import Limits, Reading, read

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROWS = [HEADINGS, (customer(1), "SOE", "", "", "", "A")]


def zipped(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "code", "words"),
    [
        pytest.param("a.csv", b"", "empty", "0 bytes", id="empty"),
        pytest.param("a.csv", b"\r\n\r\n", "empty", "no headings", id="only-blank-lines"),
        pytest.param(
            "a.xlsx", b"customer_id,qualification\r\n", "not-a-sheet", "it is text", id="text-as-xlsx"
        ),
        pytest.param("a.xlsx", b"\x00\x01\x02" * 99, "not-a-sheet", "holds other data", id="data-as-xlsx"),
        pytest.param(
            "a.xls", b"<html><table><tr><td>x</td></tr></table>", "not-a-sheet", "web page", id="html"
        ),
        pytest.param("a.xls", b'<?xml version="1.0"?><Workbook/>', "not-a-sheet", "XML", id="xml-2003"),
        pytest.param("a.csv", gzip.compress(b"customer_id"), "not-a-sheet", "gzip", id="gzip"),
        pytest.param("a.csv", b"%PDF-1.7", "not-a-sheet", "PDF", id="pdf"),
        pytest.param("a.xlsx", b"PK\x03\x04 and so on", "damaged", "damaged", id="broken-zip"),
        pytest.param("a.xlsx", zipped(word__document_xml=b"x"), "not-a-sheet", "Word", id="docx"),
        pytest.param("a.xlsx", zipped(some=b"x"), "not-a-sheet", "ZIP archive", id="zip"),
        pytest.param(
            "a.xlsx",
            OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
            "password",
            id="encrypted",
        ),
        pytest.param("a.xls", OLE + b"\0" * 600, "damaged", "damaged", id="broken-xls"),
    ],
)
def test_a_file_that_is_no_sheet_gets_a_sentence_and_a_hint(
    tmp_path: Path, name: str, data: bytes, code: str, words: str
) -> None:
    """What it is, and what to do; exit code 10."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=words) as told:
        intake(str(path))
    assert (code, 10) == (told.value.code, told.value.exit_code)
    assert told.value.hint


@pytest.mark.parametrize(
    ("name", "beside", "code"),
    [
        pytest.param("EncryptedPackage", ["EncryptionInfo"], "encrypted", id="password"),
        pytest.param(
            "EncryptedPackage",
            ["EncryptionInfo", "StrongEncryptionDataSpace"],
            "encrypted",
            id="spaces",
        ),
        pytest.param("EncryptedPackage", [], "labelled", id="label"),
        pytest.param("EncryptedPackage", ["DRMEncryptedDataSpace", "LabelInfo"], "labelled", id="rights"),
        pytest.param(
            "EncryptedPackage", ["EncryptionInfo", "DRMEncryptedTransform"], "labelled", id="label-and-info"
        ),
        pytest.param("Workbook", ["\tDRMContent", "\tDRMDataSpace"], "labelled", id="rights-xls"),
    ],
)
def test_a_sensitivity_label_is_told_from_a_password(
    name: str, beside: list[str], code: str, tmp_path: Path
) -> None:
    """An encrypted package without password data has no password, and the cure is another one."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(compound(b"x" * 5_000, name=name, beside=beside))
    with pytest.raises(InputError) as told:
        intake(str(path))
    assert (code, 10) == (told.value.code, told.value.exit_code)
    assert ("owner of the file" in told.value.hint) == (code == "labelled")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b".PFILE" + b"\0" * 99, "labelled", id="protected-file"),
        pytest.param(
            OLE + b"\0" * 600 + "DRMEncryptedDataSpaceEncryptedPackage".encode("utf-16-le"),
            "labelled",
            id="label-in-a-broken-file",
        ),
        pytest.param(compound(record(0x809, b"\0\6\5\0") + record(0x2F, b"\0" * 6)), "encrypted", id="old"),
    ],
)
def test_other_locked_files_are_told(data: bytes, code: str, tmp_path: Path) -> None:
    """A protected file of another shape, a broken one, and an old workbook with a password."""
    path = tmp_path / "a.xls"
    path.write_bytes(data)
    with pytest.raises(InputError) as told:
        intake(str(path))
    assert code == told.value.code


@pytest.mark.parametrize("parts", [{"content.xml": b"\x8e\x11"}, {"encrypted-package": b"\x8e"}])
def test_an_opendocument_file_with_a_password_is_told(parts: dict[str, bytes], tmp_path: Path) -> None:
    """Its manifest says that its parts, or the package as a whole, are encrypted."""
    name = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    entry = "<m:file-entry><m:encryption-data/></m:file-entry>"
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<m:manifest xmlns:m="{name}">{entry}</m:manifest>'
    path = tmp_path / "a.ods"
    path.write_bytes(packed({"mimetype": mimetype, "META-INF/manifest.xml": manifest, **parts}))
    with pytest.raises(InputError) as told:
        intake(str(path))
    assert "encrypted" == told.value.code


def test_a_workbook_called_csv_is_read_as_what_it_is(tmp_path: Path) -> None:
    """With a notice, because the name lies."""
    found = intake(xlsx_file(tmp_path, ROWS, name="customers.csv"))
    assert (1, ["misnamed"]) == (len(found.rows), [notice.code for notice in found.notices])


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("custmers.csv", "Did you mean", id="typo"),
        pytest.param("zzz.xlsx", "there is: customers.csv", id="other"),
        pytest.param("nowhere/customers.csv", "no folder", id="no-folder"),
    ],
)
def test_a_missing_file_is_met_with_a_suggestion(tmp_path: Path, name: str, hint: str) -> None:
    """The likely file, or what is there."""
    csv_file(tmp_path, ROWS)
    with pytest.raises(InputError) as told:
        intake(str(tmp_path / name))
    assert "no-such-file" == told.value.code
    assert hint in told.value.hint


def test_a_missing_file_in_an_empty_folder(tmp_path: Path) -> None:
    """There is nothing to suggest."""
    with pytest.raises(InputError) as told:
        intake(str(tmp_path / "a.csv"))
    assert "Check the name" in told.value.hint


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    """The hint shows how to name the files in it."""
    with pytest.raises(InputError, match="is a folder"):
        intake(str(tmp_path))


def test_no_input_and_no_stdin_are_told() -> None:
    """Nothing to read."""
    with pytest.raises(InputError) as none:
        read([], Reading())
    with pytest.raises(InputError) as no_stdin:
        read(["-"], Reading())
    with pytest.raises(InputError) as empty:
        read(["-"], Reading(), stdin=io.BytesIO(b""))
    assert ["no-input", "no-such-file", "empty"] == [none.value.code, no_stdin.value.code, empty.value.code]


def test_wildcards_are_expanded_in_order_without_lock_files(tmp_path: Path) -> None:
    """Not every shell does it; ``~$`` files are Excel's own."""
    for name in ("b.csv", "a.csv", "~$a.csv"):
        csv_file(tmp_path, ROWS, name=name)
    assert ["a.csv", "b.csv"] == [Path(file.path).name for file in intake(str(tmp_path / "*.csv")).files]
    with pytest.raises(InputError, match="No file matches"):
        intake(str(tmp_path / "*.ods"))


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    """Overlapping patterns are no duplicates."""
    path = csv_file(tmp_path, ROWS)
    found = intake(path, str(tmp_path / "*.csv"))
    assert (1, ["named-twice"]) == (len(found.rows), [notice.code for notice in found.notices])


def test_a_file_with_brackets_in_its_name_is_that_file(tmp_path: Path) -> None:
    """A name that exists is no pattern."""
    assert 1 == len(intake(csv_file(tmp_path, ROWS, name="list[1].csv")).rows)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    """Also from standard input."""
    path, limits = csv_file(tmp_path, ROWS), Limits(file_bytes=50)
    with pytest.raises(InputError) as told:
        intake(path, limits=limits)
    with pytest.raises(InputError) as piped:
        read(["-"], Reading(limits=limits), stdin=io.BytesIO(b"x" * 99))
    assert ["too-large", "too-large"] == [told.value.code, piped.value.code]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a file that cannot be opened for reading")
def test_a_path_through_a_file_cannot_be_opened(tmp_path: Path) -> None:
    """The system's own word is passed on."""
    path = csv_file(tmp_path, ROWS)
    with pytest.raises(InputError) as told:
        intake(f"{path}/inner.csv")
    assert "unreadable" == told.value.code


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    """The report names the file by its content."""
    path = csv_file(tmp_path, ROWS)
    assert hashlib.sha256(Path(path).read_bytes()).hexdigest() == intake(path).files[0].sha256


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs the names that POSIX systems give to pipes")
def test_a_pipe_that_is_named_as_a_file_is_read() -> None:
    """As a shell's ``<(…)`` and ``/dev/stdin`` are: once, to the end, with the hash of what came."""
    content = f"customer_id,qualification\n{customer(1)},SOE\n".encode()
    out, into = os.pipe()
    os.write(into, content)
    os.close(into)
    try:
        found = intake(f"/dev/fd/{out}")
    finally:
        os.close(out)
    assert (1, hashlib.sha256(content).hexdigest()) == (len(found.rows), found.files[0].sha256)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_read_when_it_is_named_and_not_waited_for_behind_a_wildcard(tmp_path: Path) -> None:
    """Nobody writes into the pipe that a wildcard finds; another is written while it is read."""
    csv_file(tmp_path, ROWS)
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert 1 == len(intake(str(tmp_path / "*.csv")).files)
    line = f"customer_id,qualification\n{customer(2)},SOE\n".encode()
    writer = threading.Thread(target=pipe.write_bytes, args=(line,))
    writer.start()
    found = intake(str(pipe))
    writer.join()
    assert 1 == len(found.rows)


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="needs the null device")
def test_the_null_device_is_empty() -> None:
    """It is read as a pipe, and nothing comes."""
    with pytest.raises(InputError, match="is empty"):
        intake("/dev/null")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device without end")
def test_a_device_without_end_is_refused() -> None:
    """At the bound for files."""
    with pytest.raises(InputError) as told:
        intake("/dev/zero", limits=Limits(file_bytes=1 << 22))
    assert "too-large" == told.value.code
