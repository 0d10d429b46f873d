"""Encodings: what is certain, what is guessed and told, what the user says, and the byte that fits none."""

from __future__ import annotations

import codecs
import io
from pathlib import Path

import pytest
from support.sheets import csv_file, customer, intake, xlsx_file

from batchqual.errors import InputError
from batchqual.ingest import Reading, parse_encoding, read

HEADINGS = "customer_id,qualification,customer_name"


def text_of(*names: str, headings: str = HEADINGS) -> str:
    rows = [f"{customer(at)},SOE,{name}" for at, name in enumerate(names, start=1)]
    return "\r\n".join([headings, *rows, ""])


def raw(folder: Path, data: bytes) -> str:
    path = folder / "customers.csv"
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        pytest.param("cp932", ["検索連番型式"], id="one-name-in-Shift-JIS"),
        pytest.param("cp932", ["東京都立大学", "カタカナ小学校"], id="Shift-JIS"),
        pytest.param("gb18030", ["北京大学"], id="one-name-in-GBK"),
        pytest.param("gb18030", ["北京大学", "上海市第一中学"], id="GBK"),
        pytest.param("big5", ["國立臺灣大學", "臺北市立第一女子高級中學"], id="Big5"),
        pytest.param("euc_kr", ["서울대학교", "부산고등학교"], id="EUC-KR"),
        pytest.param("cp1250", ["Szkoła Podstawowa w Łodzi", "Základní škola Žižkov"], id="Windows-1250"),
        pytest.param("cp1251", ["Московский университет"], id="Windows-1251"),
        pytest.param("cp1252", ["Schüle"], id="one-name-in-Windows-1252"),
        pytest.param("cp1252", ["Universität Tübingen – Süd", "Café Zoë’s"], id="Windows-1252"),
        pytest.param("cp1253", ["Πανεπιστήμιο Αθηνών"], id="Windows-1253"),
        pytest.param("cp1254", ["İstanbul Üniversitesi", "Şişli Çağdaş Okulu"], id="Windows-1254"),
        pytest.param("cp1255", ["אוניברסיטת תל אביב"], id="Windows-1255"),
        pytest.param("cp1256", ["جامعة القاهرة"], id="Windows-1256"),
        pytest.param("mac_roman", ["Schüle"], id="one-name-in-Mac-Roman"),
        pytest.param("mac_roman", ["École Saint-Étienne", "Grundschule Lindenhöhe"], id="Mac-Roman"),
        pytest.param("cp850", ["Grundschule Lindenhöhe", "Schüle"], id="DOS"),
        pytest.param("koi8_r", ["Московский университет"], id="KOI8-R"),
    ],
)
def test_names_come_out_right_in_what_programs_write(tmp_path: Path, encoding: str, names: list[str]) -> None:
    """The guess is right, and told with its name."""
    found = intake(raw(tmp_path, text_of(*names).encode(encoding)))
    assert names == [row.customer_name for row in found.rows]
    assert ["encoding"] == [notice.code for notice in found.notices]


def test_a_guess_names_the_encoding_and_the_way_out(tmp_path: Path) -> None:
    """Whoever sees wrong names knows what was taken for what."""
    (notice,) = intake(raw(tmp_path, text_of("東京都立大学").encode("cp932"))).notices
    assert "Shift-JIS (cp932)" in notice.message
    assert "--encoding" in notice.message


def test_headings_that_are_known_decide_between_encodings(tmp_path: Path) -> None:
    """One accented word is too little to guess by, but a known heading is not."""
    text = text_of("A", headings="customer_id,特別な資格,会社名")
    (row,) = intake(raw(tmp_path, text.encode("cp932"))).rows
    assert row.request
    assert "A" == row.customer_name


def test_all_that_is_sent_is_the_same_in_whatever_is_guessed(tmp_path: Path) -> None:
    """IDs, wishes and domains are ASCII, so that a wrong guess spoils names alone."""
    text = f"customer_id,qualification,domain,customer_name\r\n{customer(1)},SOE,a.example,\xfe\xf0\xa4\r\n"
    (row,) = intake(raw(tmp_path, text.encode("latin-1"))).rows
    assert row.request
    assert (customer(1), "a.example") == (row.request.customer_id, row.request.claim)


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("cp1252", "windows-1252"),
        ("cp932", "Shift-JIS"),
        ("utf-16-le", "UTF-16-LE"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "UTF16"),
        ("utf-32-le", "utf-32"),
        ("utf-32-be", "UTF32"),
        ("mac_roman", "macroman"),
    ],
)
def test_the_users_word_is_taken_and_needs_no_remark(tmp_path: Path, encoding: str, said: str) -> None:
    """From a file and from standard input."""
    name = "Ÿ–œ" if encoding == "cp1252" else "ー"
    name = "Schüle" if encoding == "mac_roman" else name
    data = text_of(name).encode(encoding)
    reading = Reading(encoding=parse_encoding(said))
    for found in (read([raw(tmp_path, data)], reading), read(["-"], reading, stdin=io.BytesIO(data))):
        assert ([name], ()) == ([row.customer_name for row in found.rows], found.notices)


def many(bad: bytes, *, at: int, encoding: str = "utf-8") -> bytes:
    """Nine customers with accents, and a bad byte in the name of one of them."""
    text = text_of(*["Lindenhöhe"] * 9)
    lines = text.encode(encoding).split("\r\n".encode(encoding))
    lines[at] += bad
    return "\r\n".encode(encoding).join(lines)


@pytest.mark.parametrize(
    ("data", "encoding", "row", "byte"),
    [
        pytest.param(codecs.BOM_UTF8 + many(b"\xfc", at=4), None, 5, "FC", id="behind-a-mark"),
        pytest.param(many(b"\xfc", at=9), None, 10, "FC", id="one-byte-among-sound-ones"),
        pytest.param(many(b"\xc3", at=9)[:-2], None, 10, "C3", id="cut-off"),
        pytest.param(text_of("a", "Schüle").encode("cp1252"), "utf-8", 3, "FC", id="said-to-be-UTF-8"),
        pytest.param(
            text_of("a", "b", "x\x81y").encode("latin-1"), "cp1252", 4, "81", id="said-to-be-Windows"
        ),
        pytest.param(text_of("a", "Schüle").encode("latin-1"), "cp932", 3, "FC", id="said-to-be-Shift-JIS"),
        pytest.param(text_of("a", "ü").encode("latin-1"), "ascii", 3, "FC", id="said-to-be-ASCII"),
        pytest.param("\ufeffab".encode("utf-16-le") + b"\0", None, 1, "00", id="half-a-letter"),
        pytest.param(
            b"sep=;\r\n" + text_of("a").replace(",", ";").encode() + b"\xff", "utf-8", 3, "FF", id="sep"
        ),
        pytest.param(
            f'{HEADINGS}\r\n{customer(1)},SOE,"two\nlines"\r\n'.encode() + b"\xff",
            "utf-8",
            3,
            "FF",
            id="lines",
        ),
    ],
)
def test_a_byte_that_is_no_text_is_named_with_its_row(
    tmp_path: Path, data: bytes, encoding: str | None, row: int, byte: str
) -> None:
    """No other encoding is tried in silence, where one is certain or was said; rows are those of Excel."""
    with pytest.raises(InputError) as raised:
        intake(raw(tmp_path, data), encoding=encoding)
    assert "not-text" == raised.value.code
    assert f"row {row}: the byte 0x{byte} " in str(raised.value)


@pytest.mark.parametrize("said", ["utf-16", "utf-32"])
def test_a_wide_encoding_said_of_plain_bytes_is_the_users_mistake(tmp_path: Path, said: str) -> None:
    """Nothing is read out of it, and it is told as an input that cannot be read."""
    with pytest.raises(InputError):
        intake(raw(tmp_path, text_of("Schüle").encode("cp1252")), encoding=said)


def test_bytes_that_look_like_nothing_are_named_too(tmp_path: Path) -> None:
    """Where no encoding makes names of them, and Windows-1252 has no such letters, the file is refused."""
    with pytest.raises(InputError) as raised:
        intake(raw(tmp_path, text_of("a").encode() + bytes(range(0x80, 0x100)) * 2))
    assert "row 3: the byte 0x80 " in str(raised.value)


@pytest.mark.parametrize(
    ("data", "said", "codes"),
    [
        pytest.param(text_of("ü").encode("utf-8-sig"), "cp932", ["encoding-ignored"], id="another"),
        pytest.param(text_of("ü").encode("utf-16"), "cp1252", ["encoding-ignored"], id="utf-16"),
        pytest.param(text_of("ü").encode("utf-8-sig"), "utf-8", [], id="the-same"),
        pytest.param(text_of("ü").encode("utf-16"), "utf-16-le", [], id="the-same-with-its-order"),
    ],
)
def test_a_byte_order_mark_is_above_the_users_word(
    tmp_path: Path, data: bytes, said: str, codes: list[str]
) -> None:
    """It is certain, and the word is for the files that have none; that it was not needed is told."""
    found = intake(raw(tmp_path, data), encoding=said)
    assert (["ü"], codes) == ([row.customer_name for row in found.rows], [one.code for one in found.notices])


def test_a_workbook_has_no_encoding(tmp_path: Path) -> None:
    """The option is passed over with a notice, since other files of the same run may need it."""
    rows = [HEADINGS.split(","), (customer(1), "SOE", "ü")]
    one, other = xlsx_file(tmp_path, rows), csv_file(tmp_path, rows)
    found = intake(one, other, encoding="utf-8")
    assert [("encoding-ignored", "customers.xlsx")] == [(n.code, n.source) for n in found.notices]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        pytest.param("shift-jsi", "shift_jis", id="misspelt"),
        pytest.param("windows1252", "windows-1252", id="joined"),
        pytest.param("utf8-bom", "utf-8", id="of-an-editor"),
        pytest.param("nonsense/../etc", "usual ones are", id="nonsense"),
        pytest.param("rot13", "usual ones are", id="no-text"),
        pytest.param("unicode_escape", "usual ones are", id="of-programs"),
        pytest.param("", "usual ones are", id="empty"),
        pytest.param("a\0b", "usual ones are", id="nul"),
    ],
)
def test_a_name_that_is_no_encoding_is_refused_with_near_ones(name: str, near: str) -> None:
    """Before any file is opened."""
    with pytest.raises(ValueError, match="is no encoding") as raised:
        parse_encoding(name)
    assert near in str(raised.value)


@pytest.mark.parametrize(("mark", "offered"), [(codecs.BOM_UTF8, False), (b"", True)], ids=["marked", "bare"])
def test_another_encoding_is_offered_only_where_it_would_be_taken(
    tmp_path: Path, mark: bytes, offered: bool
) -> None:
    """Beside a byte order mark only the byte can be put right."""
    with pytest.raises(InputError) as raised:
        intake(raw(tmp_path, mark + many(b"\xfc", at=4)))
    assert offered == ("--encoding" in raised.value.hint)
