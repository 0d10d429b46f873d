"""A process that redeems a refresh token and dies by SIGKILL at a named point; run as a program.

``python redeeming.py STORE POINT VAULT`` with the BATCHQUAL_ variables of an account. STORE is a folder,
POINT one of `POINTS` or ``none``, VAULT the bearer of a key vault or nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

POINTS = (
    "asked",  # the service answers a process that is gone
    "answered",  # the answer is here, and nothing is kept
    "written",  # the new document is on disk beside the old one
    "kept",  # the new document is in place, the vault has the old value
    "vaulted",  # the vault has the new value, the store does not know
    "done",
)


class Bearer:
    """A credential for the key vault."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_how: object) -> Any:
        """What azure asks for."""
        from azure.core.credentials import AccessToken

        return AccessToken(self._token, int(time.time()) + 3600)


def die() -> None:
    """As a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str) -> None:
    """Die instead of calling it."""
    setattr(owner, name, lambda *args, **kwargs: die())


def after(owner: Any, name: str) -> None:
    """Die right after it."""
    real: Callable[..., object] = getattr(owner, name)

    def dying(*args: object, **kwargs: object) -> None:
        real(*args, **kwargs)
        die()

    setattr(owner, name, dying)


def main(folder: Path, point: str, bearer: str) -> None:
    """Redeem once."""
    from batchqual.clock import SystemClock
    from batchqual.credentials import means_of
    from batchqual.settings import load_settings
    from batchqual.signin import TokenStore, UserSource, Vault, open_store, places, refresh_token_key
    from batchqual.signin.apps import App

    settings = load_settings({})
    registration = means_of(settings).registration
    assert registration is not None
    if bearer:
        vault = Vault(ca_bundle=settings.ca_bundle, credential=Bearer(bearer))
        registration = replace(registration, vault=vault)
    {
        "asked": lambda: after(App, "redeem"),
        "answered": lambda: before(TokenStore, "put"),
        "written": lambda: before(places, "_replace"),
        "kept": lambda: before(Vault, "write"),
        "vaulted": lambda: after(Vault, "write"),
        "done": lambda: after(UserSource, "acquire"),
        "none": lambda: None,
    }[point]()
    UserSource(registration, open_store(folder), refresh_token_key(registration), SystemClock()).acquire()
    sys.stdout.write("redeemed\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
