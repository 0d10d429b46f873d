"""What proxies add to the answers of the sign-in service: many headers, and long ones."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from support.replay_server import canned, replaying

from batchqual.credentials import means_of
from batchqual.partnercenter import trust
from batchqual.settings import load_settings
from batchqual.signin import Passing
from batchqual.signin.apps import App
from batchqual.signin.wire import session_for_msal, too_much

MANY = [f"X-Hop-{number}: via" for number in range(150)]
TENANT = "00000000-0000-4000-8000-0000000000aa"


@asynccontextmanager
async def answering(folder: Path, headers: Sequence[str]) -> AsyncIterator[tuple[str, Path]]:
    """A sign-in service with these headers: its address, and the certificates to trust."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    async with replaying(canned(body="{}", headers=headers), tls=context) as server:
        yield f"https://localhost:{server.port}", folder / "ca.pem"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(MANY, id="150 headers"),
        pytest.param(["Content-Security-Policy: " + "x" * 9_000], id="a policy of 9,000 bytes"),
        pytest.param(["Content-Security-Policy: " + "x" * 60_000], id="one of 60,000"),
    ],
)
async def test_headers_that_proxies_add_are_read(headers: list[str], tmp_path: Path) -> None:
    """As they are in the answers of Partner Center."""
    async with answering(tmp_path, headers) as (url, bundle):
        answer = await asyncio.to_thread(session_for_msal(trust(bundle)).get, url)
    assert 200 == answer.status_code
    assert len(answer.headers) > len(headers)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        pytest.param(
            [f"X-Hop-{number}: via" for number in range(500)], "got more than 400 headers", id="many"
        ),
        pytest.param(["X-Long: " + "x" * 70_000], "got more than 65536 bytes", id="long"),
    ],
)
async def test_beyond_that_the_cause_is_named(headers: list[str], words: str, tmp_path: Path) -> None:
    """It may pass, and the words say what it was."""
    async with answering(tmp_path, headers) as (url, bundle):
        environ = {
            "BATCHQUAL_AUTHORITY": url,
            "BATCHQUAL_CA_BUNDLE": str(bundle),
            "BATCHQUAL_TENANT_ID": TENANT,
            "BATCHQUAL_CLIENT_ID": TENANT,
        }
        registration = means_of(load_settings({}, environ=environ)).registration
        assert registration is not None
        with pytest.raises(Passing, match=words):
            await asyncio.to_thread(App, registration)


def test_other_errors_are_not_about_headers() -> None:
    """They keep their name."""
    assert too_much(ValueError("got more than enough")) is None
