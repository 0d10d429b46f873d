"""What a call is, and what it shows of itself."""

from __future__ import annotations

from batchqual.partnercenter import Call
from batchqual.partnercenter.call import Bearer


async def _taken() -> str:
    return "s3cr3t"


async def test_a_bearer_knows_what_it_took() -> None:
    """Where nobody has a token, that is none."""
    bearer = Bearer(_taken)
    assert ("", "s3cr3t", "s3cr3t") == (bearer.token, await bearer.take(), bearer.token)
    assert "" == await Bearer().take()


async def test_a_call_shows_nothing_of_what_it_carries() -> None:
    """Neither token nor code nor body, nor the headers, which may hold the place in a customer list."""
    bearer = Bearer(_taken)
    await bearer.take()
    call = Call(
        "GET",
        "/v1/customers",
        "customers",
        "an-id",
        query=(("code", "s3cr3t"),),
        body=b"s3cr3t",
        headers=(("MS-ContinuationToken", "s3cr3t"),),
        masks=(("s3cr3t", "•••"),),
        bearer=bearer,
    )
    assert "Bearer" not in repr(call)
    assert "s3cr3t" not in f"{call!r} {call.bearer!r}"
    assert "/v1/customers" in repr(call)
    assert "a code: •••" == call.masked("a code: s3cr3t")
