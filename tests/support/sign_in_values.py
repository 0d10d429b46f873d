"""Who and what there is at the sign-in server: apps, consents, and what a test may turn or read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .sign_in_faults import refused
from .sign_in_tokens import User, fault_of_assertion

__all__ = [
    "APP",
    "AUDIENCE",
    "DESKTOP",
    "SECRET",
    "TENANT",
    "App",
    "Consent",
    "Device",
    "Form",
    "Refusal",
    "Switches",
    "TokenRequest",
    "check_proof",
]

TENANT: Final = "00000000-0000-4000-8000-0000000000aa"
#: An app with a secret (a web app), and one that can keep none (a desktop or mobile app).
APP: Final = "00000000-0000-4000-8000-0000000000c1"
DESKTOP: Final = "00000000-0000-4000-8000-0000000000c2"
SECRET: Final = "what-contoso-does-not-tell"
AUDIENCE: Final = "https://api.partnercenter.microsoft.com"

_JWT_BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Form = Mapping[str, str]


@dataclass(slots=True)
class App:
    """A registration. With neither secrets nor certificates it is public: it must not show any."""

    secrets: list[str] = field(default_factory=list)
    certificates: list[str] = field(default_factory=list)

    @property
    def is_public(self) -> bool:
        """Whether it can keep no secret."""
        return not (self.secrets or self.certificates)


@dataclass(slots=True)
class Switches:
    """What a test may turn at any time. Seconds, where a number is a time.

    ``single_use``: a refresh token that was redeemed is refused from then on; Entra lets it live (its page on
    refresh tokens). ``declines``: the person says no, in the browser and on the page for device codes.
    ``pending``: polls that a new device code answers with authorization_pending; ``code_expires``: after them
    it has expired. ``interval``: told to those who poll, and not enforced. ``audiences``: resources that the
    tenant knows.
    """

    user: User = field(default_factory=User)
    expires_in: int = 3600
    single_use: bool = False
    declines: bool = False
    pending: int = 0
    interval: int = 1
    code_expires: bool = False
    audiences: set[str] = field(default_factory=lambda: {AUDIENCE, "https://vault.azure.net"})


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One request at the token endpoint. ``at``: seconds since 1970; ``status`` 0: the connection was reset
    before there was an answer; ``error`` as in the answer. ``shown``: how the app proved itself."""

    grant: str
    client: str
    at: float
    shown: str
    scope: str
    refresh_token: str | None = field(repr=False)
    status: int
    error: str | None
    access_token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person agreed to, behind a code or a refresh token."""

    client: str
    user: User
    scope: str
    redirect: str = ""
    challenge: str = ""
    nonce: str = ""


@dataclass(slots=True)
class Device:
    """A device code: how often it will be asked about in vain, and what comes of it (None: a token)."""

    consent: Consent
    pending: int
    outcome: str | None


class Refusal(Exception):
    """No, in the words of Entra."""

    def __init__(
        self, error: str, code: int, sentence: str, *, status: int = 400, suberror: str | None = None
    ) -> None:
        super().__init__(sentence)
        self.answer = refused(error, code, sentence, status=status, suberror=suberror)


def check_proof(app: App, form: Form, token_endpoint: str) -> None:
    """Whether a request comes from the app that it names. Raises Refusal."""
    secret, assertion = form.get("client_secret"), form.get("client_assertion")
    if app.is_public:
        if secret or assertion:
            sentence = "Client is public so neither client_assertion nor client_secret should be presented."
            raise Refusal("invalid_client", 700025, sentence, status=401)
        return
    if not (secret or assertion):
        sentence = "The request body must contain client_assertion or client_secret."
        raise Refusal("invalid_client", 7000218, sentence, status=401)
    if secret and secret not in app.secrets:
        raise Refusal("invalid_client", 7000215, "Invalid client secret provided.", status=401)
    if assertion:
        wrong = fault_of_assertion(
            assertion, app.certificates, client=form["client_id"], audience=token_endpoint
        )
        if wrong or form.get("client_assertion_type") != _JWT_BEARER:
            raise Refusal("invalid_client", 700027, f"Client assertion failed: {wrong}.", status=401)
