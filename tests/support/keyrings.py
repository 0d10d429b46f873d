"""Keyrings of the operating system, as far as a test can play them: real backends of the package keyring."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

__all__ = ["MemoryKeyring", "PlaintextKeyring", "keyring_set", "no_keyring"]


class MemoryKeyring(KeyringBackend):
    """Keeps ``entries`` by service and user. ``trouble``: what every call raises. ``steps``: those of writing
    so far; ``dies_after``: so many of them are done, and then the process ends, as it were."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring leaves it untyped
        self.entries: dict[tuple[str, str], str] = {}
        self.trouble: Exception | None = None
        self.dies_after: int | None = None
        self.steps = 0

    def get_password(self, service: str, username: str) -> str | None:
        """What is there."""
        self._answer()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """In two steps, as macOS does it."""
        self._answer()
        self._step()
        self.entries.pop((service, username), None)
        self._step()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Whoever deletes what is not there is told so."""
        self._answer()
        self._step()
        if self.entries.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError

    def _answer(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def _step(self) -> None:
        if self.steps == self.dies_after:
            raise KeyboardInterrupt
        self.steps += 1


class PlaintextKeyring(MemoryKeyring):
    """One of those that write passwords into a file as they are."""

    priority = 0.5


@contextmanager
def keyring_set(backend: KeyringBackend) -> Iterator[None]:
    """The keyring of this process, for the length of a block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyring.core, "_keyring_backend", None)
        keyring.set_keyring(backend)
        yield


def no_keyring() -> KeyringBackend:
    """What the package chooses on a machine that has none."""
    return fail.Keyring()  # type: ignore[no-untyped-call]  # keyring leaves it untyped
