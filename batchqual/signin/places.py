"""Where the document of tokens can be kept: a file for this account alone, encrypted where Windows does that,
or the keyring of the operating system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

from batchqual import machine
from batchqual.atomic import unfinished, written_whole
from batchqual.errors import UsageError
from batchqual.failpoints import reached

from .kept import UnreadableTokens

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

__all__ = ["FilePlace", "KeyringPlace", "KeyringShut", "MemoryPlace", "real_keyring", "trouble_in_words"]

_SERVICE: Final = "batchqual"
_ENTRY, _SPARE = "refresh-tokens", "refresh-tokens-next"
_REPLACING_SECONDS: Final = 1.0
"""Far longer than anybody reads the file."""


class KeyringShut(Exception):
    """The keyring cannot be used now; the text says which and why, as the end of a sentence."""


@contextmanager
def trouble_in_words(path: Path) -> Iterator[None]:
    """An error of the system becomes UsageError, with what to do about a file that nobody chose."""
    try:
        yield
    except (OSError, UsageError) as error:
        reason = (
            error.message if isinstance(error, UsageError) else f"{path} cannot be used: {error.strerror}."
        )
        raise UsageError(
            reason,
            hint="Refresh tokens are kept there: this account must be able to write the file and its folder.",
            code="store-unusable",
        ) from None


class FilePlace:
    """A file that only this account can read; with a ``seal``, one that only this account can open.

    It holds one document, which is replaced as a whole: a reader sees the old one or the new one. Every
    method raises UsageError where the file cannot be used.
    """

    def __init__(self, path: Path, seal: machine.Seal | None = None) -> None:
        self._path = path
        self._seal = seal

    @property
    def where(self) -> str:
        """In words, for people."""
        if self.protected:
            return f"the file {self._path}, which Windows has encrypted for this account"
        return f"the file {self._path}, which is not encrypted and which only this account can read"

    @property
    def protected(self) -> bool:
        """Whether more than the rights of a file protect it."""
        return self._seal is not None

    def read(self) -> str | None:
        """The document; None when there is none. Raises UnreadableTokens."""
        with trouble_in_words(self._path):
            try:
                raw = self._path.read_bytes()
            except FileNotFoundError:
                return None
        try:
            return (self._seal.opened(raw) if self._seal else raw).decode("utf-8")
        except OSError:
            reason = "Windows does not decrypt them for this account"
        except UnicodeDecodeError:
            reason = "they are damaged"
        # Raised outside the handlers: a decoding error quotes the bytes.
        raise UnreadableTokens(f"The refresh tokens in {self._path} cannot be read: {reason}.")

    def write(self, document: str) -> None:
        """Replace the document; it is on disk when this returns."""
        raw = document.encode("utf-8")
        with trouble_in_words(self._path):
            machine.make_private_folder(self._path.parent)
            content = self._seal.closed(raw) if self._seal else raw
            with written_whole(self._path, private=True, replace=_replace) as writing:
                writing.temp.write_bytes(content)
            reached("tokens.moved")
            machine.flush_folder(self._path.parent)
            reached("tokens.flushed")
            self._tidy()

    def erase(self) -> None:
        """Leave nothing of it."""
        with trouble_in_words(self._path):
            self._path.unlink(missing_ok=True)
            self._tidy()

    def _tidy(self) -> None:
        """Whoever was killed in the middle of writing left tokens. Nobody writes now: the lock is ours."""
        for path in unfinished(self._path):
            path.unlink(missing_ok=True)


def _replace(temp: Path, target: Path) -> None:
    """Move into place. Windows refuses that while somebody reads the old one, which takes a moment."""
    give_up = monotonic() + _REPLACING_SECONDS
    while True:
        try:
            temp.replace(target)
        except PermissionError:
            if monotonic() > give_up:
                # Not a PermissionError, for which a name beside would be taken, where nobody looks.
                raise UsageError(f"{target} cannot be replaced: another program keeps it open.") from None
        else:
            return


class MemoryPlace:
    """Where nothing is kept beyond this process: for an account without a folder to keep it in."""

    protected = True

    def __init__(self, reason: str) -> None:
        self.where = f"memory, for as long as batchqual runs: {reason}"
        self._document: str | None = None

    def read(self) -> str | None:
        """The document; None when there is none."""
        return self._document

    def write(self, document: str) -> None:
        """Replace the document."""
        self._document = document

    def erase(self) -> None:
        """Leave nothing of it."""
        self._document = None


class KeyringPlace:
    """The keyring of the operating system. It holds the same document; every method raises KeyringShut.

    Some keyrings replace an entry by removing it first (that of macOS does, in keyring 25), so a new document
    goes into a spare entry before: killed in between, one of the two is whole.
    """

    def __init__(self, keyring: KeyringBackend) -> None:
        self._keyring = keyring

    @property
    def where(self) -> str:
        """In words, for people."""
        return f"the keyring ({str(self._keyring.name).removesuffix(' Keyring')})"

    def read(self) -> str | None:
        """The document; None when there is none."""
        with self._trouble_in_words():
            # The entry is asked for again: between the first two looks its writer may have come to an end.
            for entry in (_ENTRY, _SPARE, _ENTRY):
                document = self._keyring.get_password(_SERVICE, entry)
                if document is not None:
                    return document
        return None

    def write(self, document: str) -> None:
        """Replace the document; the keyring has it when this returns."""
        with self._trouble_in_words():
            self._keyring.set_password(_SERVICE, _SPARE, document)
            self._keyring.set_password(_SERVICE, _ENTRY, document)
            self._keyring.delete_password(_SERVICE, _SPARE)

    def erase(self) -> None:
        """Leave nothing of it."""
        with self._trouble_in_words():
            for entry in (_SPARE, _ENTRY):
                if self._keyring.get_password(_SERVICE, entry) is not None:
                    self._keyring.delete_password(_SERVICE, entry)

    @contextmanager
    def _trouble_in_words(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a backend is anybody's code, and raises what its bus raises
            # Only its kind is told: nobody knows what a backend quotes.
            raise KeyringShut(f"{self.where} cannot be used now ({type(error).__name__})") from None


def real_keyring() -> KeyringBackend | None:
    """The keyring of this account, if the package is there and has one that protects what it is given."""
    try:
        import keyring
        from keyring.backends import fail, null
    except ImportError:
        return None
    try:
        chosen = keyring.get_keyring()
        for backend in getattr(chosen, "backends", [chosen]):
            hollow = isinstance(backend, fail.Keyring | null.Keyring)
            if not hollow and backend.priority > 0 and "plaintext" not in type(backend).__name__.lower():
                return backend  # type: ignore[no-any-return]  # the chain of backends has no types
    except Exception:  # noqa: BLE001 - the same goes for choosing one: settings are read, a bus is asked
        return None
    return None
