"""The part of Azure Key Vault that reads and writes secrets, as its REST reference documents it: a challenge
first, a version for each value, the newest one where none is named.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from .sign_in_faults import Answer

__all__ = ["KeyVault", "VaultRequest"]

RESOURCE: Final = "https://vault.azure.net"


@dataclass(frozen=True, slots=True)
class VaultRequest:
    """One request, and how it was answered."""

    method: str
    path: str
    status: int


@dataclass(slots=True)
class KeyVault:
    """``values``: name to its versions, oldest first, as (version, value). ``bearers``: tokens that are let
    in besides those that the sign-in server gave for ``resource``. ``refuses``: every caller gets 403;
    ``read_only``: every caller who writes."""

    url: str = ""
    authority: str = ""
    resource: str = RESOURCE
    refuses: bool = False
    read_only: bool = False
    bearers: set[str] = field(default_factory=set)
    values: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    requests: list[VaultRequest] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def put(self, name: str, value: str) -> str:
        """A new version of a secret, and its name."""
        with self._lock:
            version = secrets.token_hex(16)
            self.values.setdefault(name, []).append((version, value))
            return version

    def value(self, name: str) -> str | None:
        """The newest value, None where there is none."""
        with self._lock:
            return self.values[name][-1][1] if self.values.get(name) else None

    def answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: str,
        *,
        token: str,
        known: Collection[str],
    ) -> Answer:
        """One request on ``/secrets/NAME[/VERSION]``; ``known`` are the tokens for the resource."""
        given = self._refusal(method, token, query, known) or self._served(method, path, body)
        with self._lock:
            self.requests.append(VaultRequest(method, path, given.status))
        return given

    def _refusal(
        self, method: str, token: str, query: Mapping[str, str], known: Collection[str]
    ) -> Answer | None:
        if not token or token not in self.bearers | set(known):
            challenge = f'Bearer authorization="{self.authority}", resource="{self.resource}"'
            return _error(
                401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.", challenge
            )
        if self.refuses or (self.read_only and method != "GET"):
            return _error(
                403, "Forbidden", "The user, group or application does not have secrets permission."
            )
        if "api-version" not in query:
            return _error(400, "BadParameter", "The request URI is missing the api-version query parameter.")
        return None

    def _served(self, method: str, path: str, body: str) -> Answer:
        name, _, version = path.removeprefix("/secrets/").partition("/")
        if method == "PUT" and not version:
            try:
                self.put(name, str(json.loads(body)["value"]))
            except (ValueError, KeyError, TypeError):
                return _error(400, "BadParameter", "The parameter value is missing.")
        elif method != "GET":
            return _error(405, "MethodNotAllowed", "Only GET and PUT are played here.")
        with self._lock:
            found = [one for one in self.values.get(name, []) if version in ("", one[0])]
        if not found:
            return _error(
                404, "SecretNotFound", f"A secret with (name/id) {name} was not found in this key vault."
            )
        return self._bundle(name, *found[-1])

    def _bundle(self, name: str, version: str, value: str) -> Answer:
        now = int(time.time())
        attributes = {
            "enabled": True,
            "created": now,
            "updated": now,
            "recoveryLevel": "Recoverable+Purgeable",
        }
        told: dict[str, object] = {
            "value": value,
            "id": f"{self.url}/secrets/{name}/{version}",
            "attributes": attributes,
        }
        return Answer(200, told)


def _error(status: int, code: str, message: str, challenge: str | None = None) -> Answer:
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    return Answer(status, {"error": {"code": code, "message": message}}, headers)
