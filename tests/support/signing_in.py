"""A partner who signs in for tests: the sign-in server, the settings that name it, a store of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.sign_in_server import APP, DESKTOP, SECRET, TENANT, SignInServer

from batchqual.clock import SystemClock
from batchqual.credentials import means_of
from batchqual.settings import Settings, load_settings
from batchqual.signin import Means, SignIn, TokenStore, open_store, sign_in

__all__ = ["Partner"]


@dataclass(slots=True)
class Partner:
    """One account on one machine. ``environ`` holds its BATCHQUAL_ variables."""

    server: SignInServer
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environ = {
            "BATCHQUAL_TENANT_ID": TENANT,
            "BATCHQUAL_CLIENT_ID": DESKTOP,
            "BATCHQUAL_AUTHORITY": self.server.url,
            "BATCHQUAL_CA_BUNDLE": str(self.server.ca_bundle),
            **self.environ,
        }

    def with_secret(self, **more: str) -> Partner:
        """The same partner with the confidential app, and further variables."""
        secret = {"BATCHQUAL_CLIENT_ID": APP, "BATCHQUAL_CLIENT_SECRET": SECRET}
        return Partner(self.server, self.folder, {**self.environ, **secret, **more})

    def settings(self, **flags: Any) -> Settings:
        """What batchqual makes of it."""
        return load_settings(flags, environ=self.environ)

    @property
    def store(self) -> TokenStore:
        """Where this account keeps tokens."""
        return open_store(self.folder)

    def means(self, **flags: Any) -> Means:
        """What there is to sign in with."""
        found = means_of(self.settings(**flags))
        return Means(found.access_token, found.registration, lambda: self.store)

    def sign_in(self, forced: str | None = None, *, show: Callable[[str], object] | None = None) -> SignIn:
        """The tokens of a run."""
        return sign_in(self.means(), forced=forced, clock=SystemClock(), show=show)
