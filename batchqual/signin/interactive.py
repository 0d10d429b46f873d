"""A person signs in: in the browser, or with a code on another device. They block."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from batchqual.clock import Clock
from batchqual.errors import SignInNeeded, UsageError
from batchqual.failpoints import reached

from .failures import Passing, Remedies, refusal
from .registration import Registration
from .sources import grant_from, username_in
from .store import Kept, TokenStore

if TYPE_CHECKING:
    from .apps import Answer, App

__all__ = ["BROWSER_SECONDS", "SignedIn", "by_browser", "by_device_code"]

T = TypeVar("T")

BROWSER_SECONDS: Final = 300.0
_POLL: Final = 5.0
_PAGE: Final = "<p>Batchqual: {}. You can close this window.</p>"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and the first access token."""

    username: str | None
    access_token: str = field(repr=False)


def by_browser(
    registration: Registration,
    store: TokenStore,
    key: str,
    *,
    open_page: Callable[[str], object],
    clock: Clock,
    seconds: float = BROWSER_SECONDS,
) -> SignedIn:
    """Authorization code with PKCE; the browser comes back to ``http://localhost`` with the code.

    ``open_page`` gets the address. The redirect is one that app registrations allow for any port
    (Microsoft identity platform, redirect URI page). Raises SignInNeeded, UsageError.
    """
    from msal.oauth2cli.authcode import AuthCodeReceiver

    app = _trying(lambda: _app(registration))
    try:
        receiver = AuthCodeReceiver(port=0)
    except OSError as error:
        raise UsageError(
            f"The browser's answer cannot be listened for: {error.strerror}.",
            hint="Use `batchqual login --auth device-code`.",
        ) from None
    with receiver:
        redirect = f"http://localhost:{receiver.get_port()}"
        flow = app.begin_in_browser(redirect)
        open_page(flow["auth_uri"])
        came = receiver.get_auth_response(
            state=flow["state"],
            timeout=seconds,
            success_template=_PAGE.format("you are signed in"),
            error_template=_PAGE.format("the sign-in was not completed"),
        )
    if not came:
        raise SignInNeeded(
            "Nobody signed in within five minutes.",
            hint="Run `batchqual login` again; without a browser here: `batchqual login --auth device-code`.",
            code="too-late",
        )
    answer = _trying(lambda: app.end_in_browser(flow, came))
    return _keep(answer, store, key, clock, registration.remedies)


def by_device_code(
    registration: Registration, store: TokenStore, key: str, *, show: Callable[[str], object], clock: Clock
) -> SignedIn:
    """Device code: ``show`` gets the service's words, with the address and the code. Waits until it was
    entered, or has run out. Raises SignInNeeded, UsageError."""
    app = _trying(lambda: _app(registration))
    flow = _trying(app.begin_with_code)
    if "user_code" not in flow:
        raise _trying(lambda: refusal(flow, registration.remedies))
    show(str(flow.get("message") or f"Open {flow['verification_uri']} and enter {flow['user_code']}."))
    return _keep(_entered(app, flow), store, key, clock, registration.remedies)


def _entered(app: App, flow: Answer) -> Answer:
    """Whatever breaks on the way meanwhile: the person is typing, and the code is good for minutes."""
    while True:
        try:
            answer = app.end_with_code(flow)
        except Passing as trouble:
            if time.time() < float(flow.get("expires_at", 0.0)):
                time.sleep(float(flow.get("interval", _POLL)))
                continue
            raise _unreachable(trouble) from None
        if answer.get("error") in ("authorization_pending", "slow_down"):
            return {"error": "expired_token"}
        return answer


def _app(registration: Registration) -> App:
    from .apps import App

    return App(registration)


def _trying(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Passing as trouble:
        raise _unreachable(trouble) from None


def _unreachable(trouble: Passing) -> SignInNeeded:
    return SignInNeeded(
        f"Signing in did not work: {trouble}.",
        hint="Try again; `batchqual doctor` names the hop that fails.",
        code="sign-in-unreachable",
    )


def _keep(answer: Mapping[str, Any], store: TokenStore, key: str, clock: Clock, who: Remedies) -> SignedIn:
    grant = _trying(lambda: grant_from(answer, clock.now(), who))
    refresh_token = answer.get("refresh_token")
    if not refresh_token:
        raise SignInNeeded(
            "The sign-in service gave no refresh token, so this sign-in cannot be kept.",
            hint="The app registration has to allow offline access: docs/how-to/sign-in.md tells how.",
            code="no-refresh-token",
        )
    username = username_in(answer)
    reached("login.answered")
    with store.locked():
        store.put(key, Kept(str(refresh_token), "", username, grant.given_at, grant.given_at))
    reached("login.kept")
    return SignedIn(username, grant.token)
