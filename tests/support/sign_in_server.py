"""A sign-in service for tests that speaks as the Microsoft identity platform does, over TLS, in a thread of
its own: the real msal in this process talks to it, and so does a program in another.

    with sign_in_server() as server:
        os.environ["BATCHQUAL_CA_BUNDLE"] = str(server.ca_bundle)
        ...  # server.authority, server.desk.switches, server.fail_next(...), server.refreshes, server.vault

It imports nothing of the project. msal is told ``instance_discovery=False``, since no test may ask Microsoft
whether this server is known there.
"""

from __future__ import annotations

import asyncio
import html
import re
import shlex
import socket
import ssl
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import trustme
from aiohttp import web

from . import sign_in_browser
from .key_vault import KeyVault
from .sign_in_desk import Desk
from .sign_in_faults import Answer, TokenFault, refused
from .sign_in_tokens import ClientCertificate, User
from .sign_in_values import APP, AUDIENCE, DESKTOP, SECRET, TENANT, App, Switches, TokenRequest

__all__ = [
    "APP",
    "AUDIENCE",
    "DESKTOP",
    "SECRET",
    "TENANT",
    "ClientCertificate",
    "SignInServer",
    "Switches",
    "TokenRequest",
    "User",
    "sign_in_server",
]

_HOSTS: Final = ("localhost", "127.0.0.1", "::1", "contoso.localhost")
_TENANT_PATH: Final = re.compile(r"/([^/]+)/(v2\.0/\.well-known/openid-configuration|oauth2/v2\.0/\w+)")
#: SO_LINGER with no time makes close() send a reset; the two members are shorts on Windows.
_RESET: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
_LONGEST: Final = 30.0
_FORM_PAGE: Final = '<html><body><form method="post" action="{action}">{fields}</form></body></html>'
_FIELD: Final = '<input type="hidden" name="{name}" value="{value}">'


class SignInServer:
    """What a test sees. ``desk`` has the switches and the books, ``vault`` plays Azure Key Vault on the same
    port; both may be touched from any thread."""

    def __init__(self, ca_bundle: Path, tenant: str) -> None:
        self.ca_bundle = ca_bundle
        self.desk = Desk(tenant)
        self.vault = KeyVault()
        self.discoveries = 0
        self.url = ""

    @property
    def authority(self) -> str:
        """What msal calls so: the address with the tenant."""
        return self.desk.authority

    @property
    def switches(self) -> Switches:
        """What may be turned at any time."""
        return self.desk.switches

    @property
    def requests(self) -> list[TokenRequest]:
        """The token requests so far, as they were answered."""
        with self.desk.lock:
            return list(self.desk.requests)

    @property
    def refreshes(self) -> list[TokenRequest]:
        """Those of them that redeemed a refresh token, or tried to."""
        return [one for one in self.requests if one.grant == "refresh_token"]

    @property
    def user_tokens(self) -> list[str]:
        """The access tokens of users, oldest first; one whose answer was lost is among them."""
        with self.desk.lock:
            return list(self.desk.user_tokens)

    @property
    def app_tokens(self) -> list[str]:
        """The access tokens of apps, oldest first."""
        with self.desk.lock:
            return list(self.desk.app_tokens)

    def fail_next(self, *faults: TokenFault) -> None:
        """Gives the next token requests these faults, one each, in order."""
        with self.desk.lock:
            self.desk.faults.extend(faults)

    def wait_for_requests(self, number: int, seconds: float = 20.0) -> list[TokenRequest]:
        """The token requests, as soon as there are so many. Raises TimeoutError."""
        with self.desk.noted:
            if not self.desk.noted.wait_for(lambda: len(self.desk.requests) >= number, seconds):
                raise TimeoutError(f"{len(self.desk.requests)} token requests in {seconds} s, not {number}")
            return list(self.desk.requests)

    def register(self, client: str, *, secret: str | None = None, certificate: str | None = None) -> None:
        """An app, with a secret, a certificate (PEM), both, or neither: then it is public."""
        with self.desk.lock:
            self.desk.apps[client] = App([secret] if secret else [], [certificate] if certificate else [])

    def browse(self, url: str) -> str:
        """What a person who opens ``url`` sees in the end. Raises OSError for an error page."""
        return sign_in_browser.browse(self.ca_bundle, url)

    @property
    def browser(self) -> str:
        """A value for the variable BROWSER: Python's webbrowser module then opens addresses with it."""
        program = [sys.executable, str(Path(sign_in_browser.__file__)), str(self.ca_bundle)]
        return f"{shlex.join(program)} %s &"

    def listens_at(self, port: int) -> None:
        """Tells everybody the address."""
        self.url = f"https://localhost:{port}"
        self.desk.authority = f"{self.url}/{self.desk.tenant}"
        self.vault.url, self.vault.authority = self.url, self.desk.authority


class _Front:
    """Takes requests off the socket."""

    def __init__(self, server: SignInServer) -> None:
        self._server = server
        self._desk = server.desk

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/secrets/"):
            return await self._secret(request)
        if path == "/device":
            return web.Response(text="Enter the code that you see on your device.")
        found = _TENANT_PATH.fullmatch(path)
        if found is None:
            return web.Response(status=404)
        if found[1] != self._desk.tenant:
            sentence = f"Tenant {found[1]!r} not found."
            return _response(refused("invalid_tenant", 90002, sentence))
        return await self._of_tenant(request, found[2].rpartition("/")[2])

    async def _of_tenant(self, request: web.BaseRequest, name: str) -> web.StreamResponse:
        if name == "openid-configuration":
            self._server.discoveries += 1
            return _response(self._configuration())
        if name == "authorize" and request.method == "GET":
            return self._authorize(request)
        form = {key: str(value) for key, value in (await request.post()).items()}
        if name == "devicecode":
            return _response(self._desk.device_code(form))
        if name == "token":
            return await self._token(request, form)
        return web.Response(status=404)

    def _configuration(self) -> Answer:
        authority = self._desk.authority
        endpoints = f"{authority}/oauth2/v2.0"
        told: dict[str, object] = {
            "issuer": f"{authority}/v2.0",
            "authorization_endpoint": f"{endpoints}/authorize",
            "token_endpoint": self._desk.token_endpoint,
            "device_authorization_endpoint": f"{endpoints}/devicecode",
            "response_modes_supported": ["query", "form_post"],
            "response_types_supported": ["code"],
        }
        return Answer(200, told)

    def _authorize(self, request: web.BaseRequest) -> web.Response:
        back = self._desk.authorize(dict(request.query))
        if isinstance(back, str):
            return web.Response(status=400, text=back)
        address = request.query["redirect_uri"]
        if request.query.get("response_mode") == "form_post":
            fields = "".join(
                _FIELD.format(name=name, value=html.escape(value)) for name, value in back.items()
            )
            page = _FORM_PAGE.format(action=html.escape(address), fields=fields)
            return web.Response(text=page, content_type="text/html")
        return web.Response(status=302, headers={"Location": f"{address}?{urlencode(back)}"})

    async def _token(self, request: web.BaseRequest, form: dict[str, str]) -> web.StreamResponse:
        at = time.time()
        fault = self._desk.take_fault() or TokenFault()
        if fault.reset == "before":
            self._desk.note(form, at, None)
            return _drop(request)
        answer = fault.answer or self._desk.token(form)
        self._desk.note(form, at, answer)
        if fault.reset == "after":
            return _drop(request)
        await asyncio.sleep(fault.delay)
        if fault.until is not None:
            await asyncio.to_thread(fault.until.wait, _LONGEST)
        if fault.cut:
            answer = Answer(answer.status, answer.text[: len(answer.text) // 2])
        return _response(answer)

    async def _secret(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.text()
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        vault = self._server.vault
        known = self._desk.tokens_for(vault.resource)
        return _response(
            vault.answer(request.method, request.path, request.query, body, token=token, known=known)
        )


def _response(answer: Answer) -> web.Response:
    headers = {"Cache-Control": "no-store", **answer.headers}
    return web.Response(status=answer.status, text=answer.text, content_type=answer.kind, headers=headers)


def _drop(request: web.BaseRequest) -> web.Response:
    transport = request.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    return web.Response(status=500)


class _Listener:
    """The server on its loop."""

    def __init__(self, front: _Front, tls: ssl.SSLContext) -> None:
        self._front = front
        self._tls = tls
        self._web: web.Server | None = None
        self._runner: web.ServerRunner | None = None

    async def start(self) -> int:
        """Listens; the port."""
        self._web = web.Server(self._front, access_log=None)
        self._runner = web.ServerRunner(self._web, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Ends connections at once: clients keep theirs open, and TLS would say goodbye for half a minute."""
        assert self._web is not None
        assert self._runner is not None
        for connection in self._web.connections:
            if isinstance(connection.transport, asyncio.Transport):
                connection.transport.abort()
        await self._runner.cleanup()


@contextmanager
def sign_in_server(*, tenant: str = TENANT) -> Iterator[SignInServer]:
    """A running server, for the length of a ``with``. Its certificate is good for localhost and 127.0.0.1,
    and trusted by those who read ``ca_bundle``."""
    with tempfile.TemporaryDirectory(prefix="sign-in-") as folder:
        authority = trustme.CA()
        bundle = Path(folder) / "ca.pem"
        authority.cert_pem.write_to_path(str(bundle))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*_HOSTS).configure_cert(tls)
        server = SignInServer(bundle, tenant)
        with _listening(_Listener(_Front(server), tls)) as port:
            server.listens_at(port)
            yield server


@contextmanager
def _listening(listener: _Listener) -> Iterator[int]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sign-in server", daemon=True)
    thread.start()
    try:
        port = asyncio.run_coroutine_threadsafe(listener.start(), loop).result()
        try:
            yield port
        finally:
            asyncio.run_coroutine_threadsafe(listener.stop(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
