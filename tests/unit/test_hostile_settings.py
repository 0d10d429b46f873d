"""Settings and kept tokens that were made, or broken, to harm: a sentence each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from batchqual.errors import UsageError
from batchqual.settings import load_settings
from batchqual.signin.kept import UnreadableTokens, tokens_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("a = " + "[" * 100_000, "nested too deeply", id="deep lists"),
        pytest.param("a = " + "{b=" * 100_000, "nested too deeply", id="deep tables"),
        pytest.param("concurrency = " + "9" * 5_000, "cannot be read", id="a number of 5,000 digits"),
        pytest.param("concurrency = " + "9" * 400, "less than or equal", id="a number of 400 digits"),
        pytest.param("rate = nan", "number", id="no number"),
        pytest.param("rate = inf", "out of range", id="no bound"),
        pytest.param("rate = 5\nrate = 6", "cannot be read", id="a name twice"),
        pytest.param('ledger = "a\\u0000b"', "no path has", id="a path with a null"),
        pytest.param('report = ["a\\u0000.xlsx"]', "no path has", id="a report with a null"),
        pytest.param('max_file_size = "many"', "not a size", id="no size"),
        pytest.param('max_answer_size = "0"', "out of range", id="a size of nothing"),
        pytest.param("max_file_size = true", "not a size", id="a truth for a size"),
        pytest.param("max_unpacked_size = 99999999999999", "out of range", id="a size without bound"),
        pytest.param("max_cells = 0", "max_cells|batchqual.toml", id="no cells"),
        pytest.param('read_timeout = "0"', "more than 0", id="no time"),
        pytest.param("#" * 2_000_000, "more than 1,048,576 bytes", id="a file of 2 MB"),
    ],
)
def test_settings_made_to_harm_are_a_sentence(text: str, words: str, tmp_path: Path) -> None:
    """It says which file, and what is wrong with it; nothing else comes of it."""
    path = tmp_path / "batchqual.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words) as told:
        load_settings({"config": str(path)}, environ={})
    assert len(told.value.message) < 2_000


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        pytest.param('ledger = "C:\\Users\\l.db"', "line 1", r"'C:\\Users\\l.db'", id="U"),
        pytest.param('rate = 5\nreport = "\\\\srv\\share"', "line 2", r"'\\\\srv\\share'", id="share"),
        pytest.param('ledger = "D:\\ledgers\\"', "line 1", "single quotation marks", id="at the end"),
    ],
)
def test_a_backslash_in_double_quotation_marks_is_named(
    text: str, words: str, hint: str, tmp_path: Path
) -> None:
    """TOML reads it as the beginning of a special character; the hint shows the value as it should stand."""
    path = tmp_path / "batchqual.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words) as told:
        load_settings({"config": str(path)}, environ={})
    assert "backslash" in told.value.hint
    assert re.search(hint, told.value.hint)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param('report = "out\\tables.csv"', "a tab", id="t"),
        pytest.param('ledger = "D:\\new\\new.db"', "a line break", id="n"),
        pytest.param('ca_bundle = "D:\\back.pem"', "a backspace", id="b"),
        pytest.param('report = ["a.xlsx", "D:\\form.xlsx"]', "a form feed", id="f, in a list"),
        pytest.param('client_certificate = "D:\\temp.pfx"', "a tab", id="certificate"),
        pytest.param('ledger = "a\\u0007b"', "a control character", id="another"),
    ],
)
def test_a_backslash_that_made_a_control_character_is_refused(text: str, name: str, tmp_path: Path) -> None:
    """Otherwise a report would go to a name that nobody meant; the sentence says how to write it."""
    path = tmp_path / "batchqual.toml"
    path.write_text(text.replace("\\\\", "\\"), encoding="utf-8")
    with pytest.raises(UsageError, match=f"holds {name}, a character that no path has.*single quotation"):
        load_settings({"config": str(path)}, environ={})


def test_a_settings_file_that_is_not_utf_8_names_the_line(tmp_path: Path) -> None:
    """Notepad of old saved in the machine's code page."""
    path = tmp_path / "batchqual.toml"
    path.write_bytes('rate = 5\nsheet = "Schüler"\n'.encode("cp1252"))
    with pytest.raises(UsageError, match="line 2 is not UTF-8"):
        load_settings({"config": str(path)}, environ={})


@pytest.mark.parametrize("marks", ['""', "''", "“”", "„“"])
@pytest.mark.parametrize("name", ["ACCESS_TOKEN", "LEDGER", "CONFIG", "RATE", "CLIENT_SECRET"])
def test_quotation_marks_around_a_value_of_the_environment_are_named(name: str, marks: str) -> None:
    """An env file that no shell reads keeps them. The value itself is not shown: it may be a secret."""
    with pytest.raises(UsageError, match=f"BATCHQUAL_{name} is in quotation marks") as told:
        load_settings({}, environ={f"BATCHQUAL_{name}": f"{marks[0]}a-value{marks[1]}"})
    assert "--env-file" in told.value.hint
    assert "a-value" not in told.value.message + told.value.hint


@pytest.mark.parametrize("name", ["CLIENT_CERTIFICATE_PASSWORD", "SHEET"])
def test_quotation_marks_that_may_be_meant_are_a_note(name: str) -> None:
    """A password may have them."""
    [note] = load_settings({}, environ={f"BATCHQUAL_{name}": '"a-value"'}).notes
    assert f"BATCHQUAL_{name} is in quotation marks" in note
    assert "a-value" not in note


@pytest.mark.parametrize(
    ("text", "size"),
    [("1 GiB", 1 << 30), ("2MB", 2 << 20), ("512 kib", 512 << 10), ("4096", 4096), ("8192 b", 8192)],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    """A decimal unit is read as the binary one: the bound is never smaller than what was meant."""
    assert size == load_settings({}, environ={"BATCHQUAL_MAX_FILE_SIZE": text}).max_file_size


@pytest.mark.parametrize(
    "token",
    [
        pytest.param('"renewed_at": "0001-01-01T00:00:00+23:59"', id="a time before all times"),
        pytest.param('"renewed_at": "9999-12-31T23:59:59-23:59"', id="a time after all times"),
        pytest.param('"refresh_token": "\\ud800"', id="half a character"),
    ],
)
def test_tokens_made_to_harm_are_unreadable(token: str) -> None:
    """They are told to be damaged, as any other document that is."""
    fields = {
        "refresh_token": '"refresh_token": "x"',
        "seed": '"seed": ""',
        "username": '"username": null',
        "obtained_at": '"obtained_at": "2026-03-01T00:00:00+00:00"',
        "renewed_at": '"renewed_at": "2026-03-01T00:00:00+00:00"',
    }
    fields[token.split('"')[1]] = token
    with pytest.raises(UnreadableTokens, match="damaged"):
        tokens_in(f'{{"version": 1, "tokens": {{"k": {{{", ".join(fields.values())}}}}}}}', "the file")
