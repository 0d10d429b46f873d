"""What is shown is fit to be shown."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import batchqual
from batchqual.telemetry import HIDDEN, neutral, redacted
from batchqual.telemetry.redaction import secret_name

TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.eyJ0aWQiOiJjb250b3NvIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        pytest.param("a\\x0ab", "a\nb", id="line feed"),
        pytest.param("a\\x0d\\x0ab", "a\r\nb", id="carriage return"),
        pytest.param("\\x1b[31mred", "\x1b[31mred", id="terminal escape"),
        pytest.param("\\x9bm", "\x9bm", id="eight-bit escape"),
        pytest.param("a\\u2028b", "a\u2028b", id="line separator"),
        pytest.param("\\u202eevil", "\u202eevil", id="reading direction"),
        pytest.param("\\ud800", "\ud800", id="half of a pair"),
        pytest.param("Škola “Contoso” 学校", "Škola “Contoso” 学校", id="honest text"),
    ],
)
def test_no_value_can_forge_a_line(shown: str, text: str) -> None:
    """Characters that break lines, drive terminals or reorder text are written as escapes; others stay."""
    assert shown == neutral(text)


@given(st.text())
def test_neutral_text_is_one_line_of_any_encoding(text: str) -> None:
    """Whatever a cell holds, its shown form is one line that UTF-8 can write."""
    shown = neutral(text)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        pytest.param(f"got {HIDDEN}.", f"got {TOKEN}.", id="token"),
        pytest.param(f"Authorization: Bearer {HIDDEN}", "Authorization: Bearer abcdef123456", id="bearer"),
        pytest.param(
            f"GET /qualifications?code={HIDDEN}&a=b",
            "GET /qualifications?code=AB12CD&a=b",
            id="code in a query",
        ),
        pytest.param(
            f"?x=1&client_secret={HIDDEN}", "?x=1&client_secret=s3cr3t~value", id="secret in a query"
        ),
        pytest.param(
            f'{{"validationCode": "{HIDDEN}"}}', '{"validationCode": "AB12CD"}', id="code in a body"
        ),
        pytest.param(f"refresh_token={HIDDEN}", "refresh_token=0.AAAA", id="secret in a form"),
        pytest.param(f"https://{HIDDEN}@proxy.example/", "https://user:pass@proxy.example/", id="proxy"),
        pytest.param("error code 900421 for row 7", "error code 900421 for row 7", id="nothing secret"),
        pytest.param(
            "say --map validation_code=HEADING, or",
            "say --map validation_code=HEADING, or",
            id="heading of a column",
        ),
        pytest.param(
            '--map "validation_code=Access token"',
            '--map "validation_code=Access token"',
            id="quoted heading",
        ),
        pytest.param(
            "https://api.contoso.example/v1?a=b@c", "https://api.contoso.example/v1?a=b@c", id="at sign"
        ),
    ],
)
def test_secrets_are_hidden_by_their_form(shown: str, text: str) -> None:
    """A token, a password and a validation code are hidden wherever they stand."""
    assert shown == redacted(text)


@given(st.text(string.ascii_letters + string.digits + "-_", min_size=12, max_size=60))
def test_no_token_survives(body: str) -> None:
    """Whatever its content, a token in a sentence is gone."""
    token = f"eyJ{body}.{body}.{body}"
    assert body not in redacted(f"Bearer {token} was refused; {token}")


@pytest.mark.parametrize(
    "name", ["access_token", "validation_code", "Authorization", "client_secret", "Password"]
)
def test_secrets_are_hidden_by_their_name(name: str) -> None:
    """A field that is named like a secret is one."""
    assert secret_name(name)


@pytest.mark.parametrize("name", ["error_code", "exit_code", "request_id", "customer_id"])
def test_other_fields_are_not_secrets(name: str) -> None:
    """Codes of errors are no validation codes."""
    assert not secret_name(name)


def _sentences() -> Iterator[str]:
    """What the program may say: its texts but for docstrings, an ``X`` for each value put in."""
    for path in sorted(Path(batchqual.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values
                )
            elif (
                isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
            ):
                yield node.value


def test_no_sentence_of_the_program_loses_a_word() -> None:
    """A colon behind *token* makes a secret of the next word, on the screen and in the log alike."""
    sentences = [text for text in _sentences() if " " in text and "ACCESS_TOKEN=" not in text]
    assert [] == [text for text in sentences if redacted(text) != text]
    assert len(sentences) > 1000
