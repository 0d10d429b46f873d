"""msal, made ready for a registration: what it is asked, and what its troubles mean."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

import msal
from requests import RequestException

from batchqual.errors import BatchqualError, UsageError

from .failures import Passing
from .proof import Certificate
from .registration import Registration
from .wire import Busy, session_for_msal, too_much

__all__ = ["Answer", "App"]

Answer = Mapping[str, Any]
"""What msal gives: a token, or an error, as a dictionary."""

_ODD: Final = (RequestException, ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
_SHORTEST_SECRET: Final = 8
_SECRET_PARTS: Final = ("code", "code_verifier", "device_code", "nonce")

# Without a handler Python would print msal's warnings, which quote the service's answers.
logging.getLogger("msal").addHandler(logging.NullHandler())
logging.getLogger("msal").propagate = False


class App:
    """The app of a registration. Asked from one thread at a time; msal's own cache is in memory, and is not
    relied on. Every method raises Passing for what another try may mend; making the app does so as well, and
    raises what `Registration.proof` raises."""

    def __init__(self, registration: Registration) -> None:
        self._scopes = [registration.scope]
        proof = registration.proof()
        self._secrets = [proof] if isinstance(proof, str) else []
        # instance_discovery: msal would ask a Microsoft host about an authority that it does not know.
        known: dict[str, Any] = {
            "authority": registration.authority,
            "http_client": session_for_msal(registration.trust()),
            "instance_discovery": False,
        }
        make = msal.PublicClientApplication if proof is None else msal.ConfidentialClientApplication
        if proof is not None:
            known["client_credential"] = _credential(proof)
        self._app = _asking(lambda: make(registration.client_id, **known))

    def redeem(self, refresh_token: str) -> Answer:
        """A new access token, and most times a new refresh token, for a refresh token."""
        return self._ask("acquire_token_by_refresh_token", refresh_token, scopes=self._scopes)

    def by_itself(self) -> Answer:
        """Client credentials. msal is made to forget the token that it has."""
        _asking(self._app.remove_tokens_for_client)
        return self._ask("acquire_token_for_client", scopes=self._scopes)

    def begin_in_browser(self, redirect: str) -> dict[str, Any]:
        """Where the browser has to go (``auth_uri``), and what has to come back from there (``state``)."""
        flow: dict[str, Any] = self._app.initiate_auth_code_flow(
            self._scopes, redirect_uri=redirect, prompt="select_account", response_mode="form_post"
        )
        return flow

    def end_in_browser(self, flow: dict[str, Any], came: dict[str, Any]) -> Answer:
        """Tokens for what came back; PKCE and state are msal's."""
        return self._ask("acquire_token_by_auth_code_flow", flow, came)

    def begin_with_code(self) -> Answer:
        """The code that a person has to enter (``user_code``, ``verification_uri``, ``message``).

        Raises UsageError for an app with a secret or a certificate: codes are for public clients.
        """
        if not hasattr(self._app, "initiate_device_flow"):
            raise UsageError(
                "A device code is for an app without a secret or certificate.",
                hint="Set BATCHQUAL_CLIENT_ID to a public client for it, without BATCHQUAL_CLIENT_SECRET and "
                "BATCHQUAL_CLIENT_CERTIFICATE; or use `batchqual login` with a browser.",
            )
        return self._ask("initiate_device_flow", self._scopes)

    def end_with_code(self, flow: Answer) -> Answer:
        """Tokens, once the code was entered; waits for that, until the code has run out."""
        return self._ask("acquire_token_by_device_flow", flow)

    def _ask(self, what: str, *words: object, **more: object) -> Answer:
        answer: Answer = _asking(lambda: getattr(self._app, what)(*words, **more)) or {}
        if "error" not in answer:
            return answer
        # A service that quotes the request must not bring its secrets into a report.
        secrets = [*self._secrets, *_secrets_in(words)]
        return {name: _hidden(value, secrets) for name, value in answer.items()}


def _secrets_in(words: Iterable[object]) -> Iterator[str]:
    """What msal was given and nobody else may see: a refresh token, codes, verifiers."""
    for word in words:
        if isinstance(word, str):
            yield word
        elif isinstance(word, Mapping):
            yield from (str(word[name]) for name in _SECRET_PARTS if word.get(name))


def _hidden(value: object, secrets: Iterable[str]) -> object:
    if not isinstance(value, str):
        return value
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            for form in (secret, quote(secret, safe=""), quote_plus(secret)):
                value = value.replace(form, "[hidden]")
    return value


def _credential(proof: str | Certificate) -> str | dict[str, str]:
    if isinstance(proof, str):
        return proof
    # No thumbprint: msal then takes SHA-256 of the certificate (msal 1.35, client_credential).
    return {"private_key": proof.private_key, "public_certificate": proof.public}


def _asking(ask: Callable[[], Any]) -> Any:
    """What it gives; msal's exceptions are Passing, for they are about the way there and back."""
    wait = 0.0
    try:
        return ask()
    except BatchqualError:
        raise
    except Busy as error:
        broken, wait = str(error), error.wait
    except _ODD as error:
        # Besides its requests' own, msal lets out whatever an odd answer leads to.
        broken = too_much(error) or type(error).__name__
    # Raised outside the handler: the library's errors quote the request.
    raise Passing(f"the sign-in service gave no proper answer ({broken})", wait=wait)
