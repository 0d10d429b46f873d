"""Error bodies in every documented form."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict

from batchqual.partnercenter.call import Reply
from batchqual.partnercenter.faults import Fault, read_fault, speaks_of_mfa


def a_reply(body: bytes | str = b"", *, reason: str = "", complete: bool = True, **headers: str) -> Reply:
    """An error answer."""
    content = body.encode() if isinstance(body, str) else body
    fields = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Reply(400, reason, fields, content, complete, "00000000-0000-4000-8000-00000000cccc")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param(
            '{"code":"800002","description":"Wrong.","data":[],"source":"x"}',
            Fault("800002", "Wrong.", retryable=None, readable=True),
            id="code as text",
        ),
        pytest.param(
            '{"code":2000,"description":"Tenant Id must be a GUID.","data":[],'
            '"source":"PartnerApiServiceControllers"}',
            Fault("2000", "Tenant Id must be a GUID.", retryable=None, readable=True),
            id="code as number",
        ),
        pytest.param(
            '{"statusCode":429,"message":"Rate limit is exceeded. Try again in 57 seconds."}',
            Fault(None, "Rate limit is exceeded. Try again in 57 seconds.", retryable=None, readable=True),
            id="statusCode and message",
        ),
        pytest.param(
            '{"code":600061,"message":"m","description":"d","errorName":"e","isRetryable":false,"parameters":{},'
            '"errorMessageExtended":"InternalErrorCode=600061"}',
            Fault("600061", "d", retryable=False, readable=True),
            id="isRetryable",
        ),
        pytest.param(
            '{"Code":"1","Message":"m","IsRetryable":true}',
            Fault("1", "m", retryable=True, readable=True),
            id="pascal case",
        ),
        pytest.param(
            '{"error":{"code":"x","message":"m"}}',
            Fault("x", "m", retryable=None, readable=True),
            id="wrapped",
        ),
        pytest.param(
            '"Customer tagging denied."',
            Fault(None, "Customer tagging denied.", retryable=None, readable=True),
            id="bare string",
        ),
        pytest.param("<b>Busy</b>", Fault(None, "<b>Busy</b>", retryable=None, readable=False), id="html"),
        pytest.param(
            "",
            Fault(None, "Bad Request", retryable=None, readable=False, empty=True),
            id="nothing but a reason",
        ),
        pytest.param("[1]", Fault(None, "", retryable=None, readable=True), id="another value"),
        pytest.param(
            '{"code":true,"description":" ","isRetryable":"yes"}',
            Fault(None, "", retryable=None, readable=True),
            id="members of the wrong type",
        ),
        pytest.param(
            '{"description":" ","message":"m"}',
            Fault(None, "m", retryable=None, readable=True),
            id="the first words that say something",
        ),
        pytest.param(
            '{"code":' + "9" * 4000 + ',"message":"m"}',
            Fault(None, "m", retryable=None, readable=True),
            id="a number that is no code",
        ),
        pytest.param(
            '{"code":"  ","description":5}', Fault(None, "", retryable=None, readable=True), id="blank code"
        ),
    ],
)
def test_error_bodies(body: str, fault: Fault) -> None:
    """Code, words and the word on repeating are found in each form."""
    assert fault == read_fault(a_reply(body, reason="Bad Request"))


def test_long_and_unclean_words_are_cut_and_cleaned() -> None:
    """A message is one line of at most 1,024 characters."""
    fault = read_fault(a_reply('{"description":"a\\u0007b' + "x" * 3000 + '"}'))
    assert 1024 == len(fault.message)
    assert fault.message.startswith("a b")


def test_words_that_are_not_json_are_as_long_as_others() -> None:
    """In whatever script: a page of the widest characters still fills a message."""
    assert "\N{OLD PERSIAN SIGN A}" * 1024 == read_fault(a_reply("\N{OLD PERSIAN SIGN A}" * 2000)).message


def test_a_body_in_another_encoding_is_shown_as_far_as_it_goes() -> None:
    """What stands between may answer in any: the words are kept, and nothing is raised."""
    assert (
        "No access for Caf\ufffd Contoso"
        == read_fault(a_reply("No access for Café Contoso".encode("latin-1"))).message
    )


def test_a_long_code_is_cut() -> None:
    """A code is a word to look up, and has a column of its own: no body goes into it."""
    code = read_fault(a_reply('{"code":"' + "x" * 3000 + '"}')).code
    assert code is not None
    assert "x" * len(code) == code
    assert 100 > len(code)


@pytest.mark.parametrize("body", [pytest.param('"half"', id="a half"), pytest.param("", id="nothing yet")])
def test_a_body_that_broke_off_is_unreadable(body: str) -> None:
    """Even if what arrived happens to be JSON; and nothing that arrived is not an answer without a body."""
    fault = read_fault(a_reply(body, complete=False))
    assert (False, False) == (fault.readable, fault.empty)


@pytest.mark.parametrize(
    "body", [b"", b" \r\n", b"\xef\xbb\xbf"], ids=["nothing", "blanks", "a byte order mark"]
)
def test_a_body_of_nothing_is_told_from_one_that_nobody_can_read(body: bytes) -> None:
    """The first is how many services refuse, the second how gateways do."""
    assert read_fault(a_reply(body)).empty
    assert not read_fault(a_reply(b"<html>")).empty


@pytest.mark.parametrize(
    ("reply", "mfa"),
    [
        pytest.param(a_reply(reason="Unauthorized - MFA required"), True, id="reason phrase"),
        pytest.param(a_reply(WWW_Authenticate="Bearer error=mfa"), True, id="challenge"),
        pytest.param(a_reply('{"description":"Multi-factor authentication is needed"}'), True, id="body"),
        pytest.param(
            a_reply(reason="Unauthorized", WWW_Authenticate='Bearer error="invalid_token"'), False, id="no"
        ),
    ],
)
def test_mfa_is_looked_for_in_three_places(reply: Reply, mfa: bool) -> None:
    """Its place is documented for the reason phrase alone."""
    assert mfa is speaks_of_mfa(reply)
