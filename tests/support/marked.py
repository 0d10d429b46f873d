"""Secrets that carry a mark, and the search that finds them wherever they were written: whole, in pieces or
in disguise; in streams, files, archives and command lines.
"""

from __future__ import annotations

import base64
import html
import io
import json
import secrets
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from .sign_in_faults import Answer
from .sign_in_server import SignInServer

__all__ = ["Leak", "Marks", "recording", "written"]

_PIECE: Final = 24
_IN_FORMS: Final = (
    *("client_secret", "client_assertion", "refresh_token"),
    *("code", "code_verifier", "device_code"),
)
_IN_ANSWERS: Final = ("access_token", "refresh_token", "id_token", "device_code")


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret where none should be. ``excerpt`` has what stands before and behind it."""

    secret: str
    form: str
    place: str
    excerpt: str

    def __str__(self) -> str:
        return f"{self.secret} ({self.form}) in {self.place}: {self.excerpt}"


class Marks:
    """The secrets of a test, each like no other, and what each is called."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._forms: dict[str, list[tuple[str, bytes]]] = {}

    def new(self, what: str, tail: str = "") -> str:
        """A new secret. ``tail``: characters that disguises change, as far as this one may have them."""
        return self.add(what, f"MARKED-{what.replace(' ', '-')}-{secrets.token_hex(6)}{tail}")

    def add(self, what: str, value: str) -> str:
        """A secret that somebody else made."""
        if value and value not in self._forms:
            self._known[value] = what
            self._forms[value] = list(_forms(value))
        return value

    def add_key(self, what: str, pem: str) -> str:
        """A private key: each line is one. The first says what kind of key it is, and is in all of them."""
        for line in pem.splitlines()[2:-1]:
            self.add(what, line)
        return pem

    @property
    def names(self) -> set[str]:
        """What the secrets are called."""
        return set(self._known.values())

    @property
    def values(self) -> set[str]:
        """The secrets themselves."""
        return set(self._known)

    def leaks(self, content: bytes, place: str, *, but: Collection[str] = ()) -> list[Leak]:
        """The secrets in ``content``, each once, except those that are called one of ``but``."""
        found = []
        for value, what in list(self._known.items()):
            hits = ((form, content.find(raw), len(raw)) for form, raw in self._forms[value])
            first = next((hit for hit in hits if hit[1] >= 0), None)
            if what not in but and first is not None:
                form, at, length = first
                excerpt = content[max(0, at - 60) : at + length + 20].decode("utf-8", "replace")
                found.append(Leak(what, form, place, repr(excerpt)))
        return found


def _forms(value: str) -> Iterator[tuple[str, bytes]]:
    """The secret as it may come along, the plainest form first."""
    raw = value.encode("utf-8")
    yield "as it is", raw
    yield "UTF-16", value.encode("utf-16-le")
    for one in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield "URL-encoded", one.encode()
        yield "URL-encoded", one.replace("%2F", "%2f").replace("%2B", "%2b").replace("%3D", "%3d").encode()
    for ascii_only in (True, False):
        yield "in JSON", json.dumps(value, ensure_ascii=ascii_only)[1:-1].encode()
    yield "in HTML", html.escape(value).encode()
    yield "in a repr", repr(value)[1:-1].encode()
    yield "in a repr", repr(raw)[2:-1].encode()
    yield "in hex", raw.hex().encode()
    for shift in range(3):  # the same bytes look different at each place of a group of three
        whole = base64.b64encode(b"?" * shift + raw)
        inner = whole[(0, 2, 3)[shift] : -4]
        yield "in base64", inner
        yield "in base64", inner.replace(b"+", b"-").replace(b"/", b"_")
    if len(value) >= 2 * _PIECE:
        for start in range(0, len(value) - _PIECE + 1, _PIECE):
            yield "a piece", value[start : start + _PIECE].encode()


def recording(server: SignInServer, marks: Marks) -> None:
    """Mark what the server gives from now on, and what it is shown: the books of its desk hold less."""
    desk = server.desk
    token, device_code, authorize = desk.token, desk.device_code, desk.authorize

    def noted(answer: Answer) -> Answer:
        if isinstance(answer.body, dict):
            for name in _IN_ANSWERS:
                marks.add(f"{name} given", str(answer.body.get(name, "")))
        return answer

    def of_form(form: Mapping[str, str]) -> None:
        for name in _IN_FORMS:
            marks.add(f"{name} shown", form.get(name, ""))

    def recorded_token(form: Mapping[str, str]) -> Answer:
        of_form(form)
        return noted(token(form))

    def recorded_authorize(query: Mapping[str, str]) -> dict[str, str] | str:
        back = authorize(query)
        if isinstance(back, dict):
            marks.add("authorization code", back.get("code", ""))
        return back

    vars(desk).update(
        token=recorded_token,
        device_code=lambda form: noted(device_code(form)),
        authorize=recorded_authorize,
    )


def written(folder: Path) -> Iterator[tuple[Path, str, bytes]]:
    """Every file below a folder, its place in words and its raw bytes; of an archive each member as well."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        place, content = str(path.relative_to(folder)), path.read_bytes()
        yield path, place, content
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    yield path, f"{place}, {name}", archive.read(name)
