"""Refresh tokens, kept on this machine for one account: in its keyring, or in a file that is for it alone."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from batchqual import machine
from batchqual.errors import SignInNeeded, UsageError

from .kept import Kept, UnreadableTokens, document_of, tokens_in
from .places import FilePlace, KeyringPlace, KeyringShut, MemoryPlace, real_keyring, trouble_in_words

__all__ = ["Kept", "TokenStore", "open_store"]

_PATIENCE: Final = 120.0
_LOOKS_EVERY: Final = 0.05


class TokenStore:
    """The refresh tokens of one account on this machine, under keys.

    What a keyring that is shut cannot take goes into the file. Once it is open again it gets all that was
    written meanwhile, and the file goes; until then, of two tokens under one key the one counts that was
    renewed last. `put` and `forget` read, change and write: call them under `locked`.
    """

    def __init__(
        self, lock: Path | None, file: FilePlace | MemoryPlace, keyring: KeyringPlace | None, patience: float
    ) -> None:
        self._lock = lock
        self._file = file
        self._keyring = keyring
        self._patience = patience
        self._shut = ""

    def __repr__(self) -> str:
        return f"TokenStore({self.where})"

    @property
    def where(self) -> str:
        """In words, for people: where tokens are kept, as far as the last call found out."""
        if self._keyring is None:
            return self._file.where
        return f"{self._file.where} ({self._shut})" if self._shut else self._keyring.where

    @property
    def lasting(self) -> bool:
        """False: what is kept is gone when this process ends."""
        return self._lock is not None

    @property
    def protected(self) -> bool:
        """False: a plain file, which deserves a warning."""
        return self._file.protected or (self._keyring is not None and not self._shut)

    def get(self, key: str) -> Kept | None:
        """What is kept under the key. Raises SignInNeeded for what cannot be read."""
        return self._read().get(key)

    def keys(self) -> list[str]:
        """All keys, sorted. Raises SignInNeeded for what cannot be read."""
        return sorted(self._read())

    def put(self, key: str, kept: Kept) -> None:
        """Keep it; it is safe when this returns. Raises SignInNeeded, UsageError: then the old one stays."""
        self._write({**self._read(), key: kept})

    def forget(self, key: str) -> bool:
        """Keep it no longer; False when nothing was kept.

        Of a document that cannot be read nothing is left, whatever the key: that is the way out of it. Raises
        SignInNeeded when a place that is shut may hold the key still.
        """
        try:
            tokens = self._read()
        except UnreadableTokens:
            tokens, there = {}, True
        else:
            there = tokens.pop(key, None) is not None
        if there and tokens:
            self._write(tokens)
        elif not tokens:
            self._erase()
        if self._shut:
            raise SignInNeeded(
                f"{self._shut[0].upper()}{self._shut[1:]}, and may still hold a refresh token.",
                hint="Unlock it, then say the same again.",
            )
        return there

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time: read, redeem, write. Waits for another one.

        Blocks: for a thread. Not to be nested. Raises SignInNeeded when the other does not come to an end.
        """
        if self._lock is None:
            yield  # nobody else has it
            return
        with trouble_in_words(self._lock):
            machine.make_private_folder(self._lock.parent)
            machine.make_private_file(self._lock)
            handle = os.open(self._lock, os.O_RDWR)
        try:
            self._take(handle, self._lock)
            try:
                yield
            finally:
                machine.unlock(handle)
        finally:
            os.close(handle)

    def _take(self, handle: int, lock: Path) -> None:
        give_up = time.monotonic() + self._patience
        while not _taken(handle, lock):
            if time.monotonic() > give_up:
                raise SignInNeeded(
                    f"Another batchqual of this account is signing in, for {self._patience:g} seconds now.",
                    hint="Wait until it is through, or stop it; then say the same again.",
                    code="store-busy",
                )
            time.sleep(_LOOKS_EVERY)

    def _read(self) -> dict[str, Kept]:
        document = self._file.read()
        tokens = {} if document is None else tokens_in(document, self._file.where)
        if self._keyring is None:
            return tokens
        self._shut = ""
        try:
            document = self._keyring.read()
        except KeyringShut as trouble:
            self._shut = str(trouble)
            return tokens
        better = {} if document is None else tokens_in(document, self._keyring.where)
        for key, kept in better.items():
            if key not in tokens or kept.renewed_at >= tokens[key].renewed_at:
                tokens[key] = kept
        return tokens

    def _write(self, tokens: dict[str, Kept]) -> None:
        document = document_of(tokens)
        if self._keyring is not None:
            try:
                self._keyring.write(document)
            except KeyringShut as trouble:
                self._shut = str(trouble)
            else:
                self._file.erase()
                return
        self._file.write(document)

    def _erase(self) -> None:
        if self._keyring is not None:
            try:
                self._keyring.erase()
            except KeyringShut as trouble:
                self._shut = str(trouble)
        self._file.erase()


def _taken(handle: int, lock: Path) -> bool:
    try:
        return machine.try_lock(handle)
    except OSError as error:
        raise UsageError(
            f"{lock.parent} stands where files cannot be locked, often a network share ({error.strerror}).",
            hint="The data folder of this account has to be on a local disk.",
            code="no-lock",
        ) from None


def open_store(folder: Path | None = None, *, patience: float = _PATIENCE) -> TokenStore:
    """The store of this account, by default in its data folder. ``patience``: seconds to wait for the lock.
    Without a home, as a container's user may be, tokens are kept for this process alone.

    Windows encrypts files for an account, which comes first there: an entry of its keyring is too small for a
    refresh token (2560 bytes: Windows docs, CREDENTIALW, CRED_MAX_CREDENTIAL_BLOB_SIZE).
    """
    try:
        folder = folder or machine.data_folder()
    except OSError as nowhere:
        return TokenStore(None, MemoryPlace(str(nowhere.strerror)), None, patience)
    lock, seal = folder / "tokens.lock", machine.account_seal()
    if seal is not None:
        return TokenStore(lock, FilePlace(folder / "tokens.sealed", seal), None, patience)
    keyring = real_keyring()
    place = None if keyring is None else KeyringPlace(keyring)
    return TokenStore(lock, FilePlace(folder / "tokens.json"), place, patience)
