"""The connections that msal and azure speak through: they trust what we trust, and nothing slips in."""

from __future__ import annotations

import ssl
from typing import Any

from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import BaseAdapter, HTTPAdapter

__all__ = ["Busy", "session_for_msal", "trusting_session"]

_CONNECT_READ = (10.0, 30.0)


class Busy(RequestException):
    """429 or 5xx, of which msal would tell only what the body says. ``wait`` in seconds, as far as told."""

    def __init__(self, status: int, wait: str | None) -> None:
        super().__init__(f"HTTP {status}")
        self.wait = float(wait) if wait is not None and wait.isascii() and wait.isdecimal() else 0.0


def trusting_session(trust: ssl.SSLContext) -> Session:
    """A session. Proxies come from the usual variables."""
    session = Session()
    session.mount("https://", _Trusting(trust))
    # An entry for the host in .netrc would take the place of the token, or of the app's own proof.
    session.auth = _as_it_is
    return session


def session_for_msal(trust: ssl.SSLContext) -> Session:
    """A session for the sign-in service: https alone, no redirects, an end to every wait."""
    session = trusting_session(trust)
    session.max_redirects = 0
    session.mount("https://", _Patient(trust))
    session.mount("http://", _Refusing())
    return session


def _as_it_is(request: PreparedRequest) -> PreparedRequest:
    return request


class _Trusting(HTTPAdapter):
    """Trusts what the context trusts, whatever REQUESTS_CA_BUNDLE adds to it."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        self._trust = trust
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._trust)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(*args, **kwargs, ssl_context=self._trust)


class _Patient(_Trusting):
    """Waits so long and no longer; says by an exception that the service is busy."""

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        response = super().send(request, *args, **kwargs | {"timeout": _CONNECT_READ})
        if response.status_code == 429 or response.status_code >= 500:
            response.close()
            raise Busy(response.status_code, response.headers.get("Retry-After"))
        return response


class _Refusing(BaseAdapter):
    """A secret never leaves over plain http."""

    def send(self, *_args: Any, **_kwargs: Any) -> Response:
        raise ValueError("plain http")

    def close(self) -> None:
        """Nothing is open."""
