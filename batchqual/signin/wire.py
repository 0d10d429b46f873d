"""The connections that msal and azure speak through: they trust what we trust, and nothing slips in."""

from __future__ import annotations

import http.client
import re
import ssl
from typing import Any, Final
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.exceptions import ProxyError
from requests.utils import select_proxy

from batchqual.errors import AccessDenied
from batchqual.partnercenter import Limits, Proxy, proxy_refusal, without_login

__all__ = ["Busy", "refusal_of", "session_for_msal", "too_much", "trusting_session"]

_CONNECT_READ: Final = (10.0, 30.0)
_LOGIN_REFUSED: Final = re.compile(r"Tunnel connection failed: 407\b")
_TOO_MUCH: Final = re.compile(r"got more than \d+ (headers|bytes when reading [a-z ]+)")

# requests reads through http.client, which takes a hundred headers and has no switch. Proxies add more.
setattr(http.client, "_MAXHEADERS", Limits().headers)  # noqa: B010 - it is not declared


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


def too_much(error: Exception) -> str | None:
    """That an answer had more or longer headers than are read, in words; None for any other error."""
    found = _TOO_MUCH.search(str(error))
    return found[0] if found else None


def refusal_of(session: Session) -> AccessDenied | None:
    """What a proxy has answered, wherever the error went: azure's identities take it for their own."""
    adapter = session.get_adapter("https://")
    return adapter.refusal if isinstance(adapter, _Trusting) else None


class _Trusting(HTTPAdapter):
    """Trusts what the context trusts, whatever REQUESTS_CA_BUNDLE adds to it. A proxy that does not take our
    login is asked once: libraries repeat, and companies lock accounts."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        self._trust = trust
        self.refusal: AccessDenied | None = None
        super().__init__()

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        if self.refusal is None:
            try:
                return super().send(request, *args, **kwargs)
            except ProxyError as error:
                if not _LOGIN_REFUSED.search(str(error)):
                    raise
            named = urlsplit(select_proxy(request.url or "", kwargs.get("proxies")) or "")
            self.refusal = proxy_refusal(Proxy(without_login(named)))
        # Raised outside the handler: the library's error quotes the proxy.
        raise self.refusal

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
