"""What the settings have to sign in with."""

from __future__ import annotations

import pytest

from batchqual.clock import SystemClock
from batchqual.credentials import means_of, privileges_of
from batchqual.errors import SignInNeeded
from batchqual.events import Event, SigningIn
from batchqual.settings import load_settings


async def test_a_given_token_signs_in() -> None:
    """It is used as it is, and somebody hears of it."""
    heard: list[Event] = []
    settings = load_settings({}, environ={"BATCHQUAL_ACCESS_TOKEN": "given"})
    privileges = await privileges_of(settings, say=heard.append, clock=SystemClock())
    assert privileges.write is privileges.read
    assert "given" == await privileges.read.token()
    assert [SigningIn("token", "Signing in with an access token from outside.")] == heard


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="no token"),
        pytest.param({"BATCHQUAL_ACCESS_TOKEN": "t", "BATCHQUAL_AUTH": "login"}, id="a recipe without means"),
        pytest.param({"BATCHQUAL_ACCESS_TOKEN": "two words"}, id="not a token"),
    ],
)
async def test_without_a_usable_token_somebody_must_sign_in(environ: dict[str, str]) -> None:
    """The error ends with 12 and says what to do, and never the token."""
    with pytest.raises(SignInNeeded) as caught:
        await privileges_of(load_settings({}, environ=environ), say=lambda event: None, clock=SystemClock())
    assert 12 == caught.value.exit_code
    assert caught.value.hint
    assert "two words" not in caught.value.message


def test_secrets_are_not_shown() -> None:
    """Neither settings nor means tell them, however they are printed."""
    environ = {
        "BATCHQUAL_TENANT_ID": "00000000-0000-4000-8000-0000000000aa",
        "BATCHQUAL_CLIENT_ID": "00000000-0000-4000-8000-0000000000c1",
        "BATCHQUAL_ACCESS_TOKEN": "marked-1",
        "BATCHQUAL_CLIENT_SECRET": "marked-2",
        "BATCHQUAL_REFRESH_TOKEN": "marked-3",
    }
    settings = load_settings({}, environ=environ)
    assert "marked" not in f"{settings!r} {settings} {means_of(settings)!r}"


@pytest.mark.parametrize(
    ("cloud", "authority", "scope"),
    [
        pytest.param(
            "global",
            "https://login.microsoftonline.com",
            "https://api.partnercenter.microsoft.com/.default",
            id="global",
        ),
        pytest.param(
            "us-government",
            "https://login.microsoftonline.us",
            "https://api.partnercenter.microsoft.com/.default",
            id="us-government",
        ),
        pytest.param(
            "china",
            "https://login.partner.microsoftonline.cn",
            "https://partner.partnercenterapi.microsoftonline.cn/.default",
            id="21Vianet",
        ),
    ],
)
def test_each_cloud_signs_in_at_its_own_place(cloud: str, authority: str, scope: str) -> None:
    """The authority, with the partner's tenant, and what the token is for."""
    tenant = "00000000-0000-4000-8000-0000000000aa"
    environ = {"BATCHQUAL_TENANT_ID": tenant, "BATCHQUAL_CLIENT_ID": "c", "BATCHQUAL_CLOUD": cloud}
    registration = means_of(load_settings({}, environ=environ)).registration
    assert registration is not None
    assert (f"{authority}/{tenant}", scope) == (registration.authority, registration.scope)
