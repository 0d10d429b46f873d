"""Who may come in: any bearer token by default, until it expires. Signatures are never looked at."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from .rules import Refusal
from .wording import Reply, error

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from .settings import TokenClaims
    from .shapes import ErrorForm

#: A token must have served this often before the fault `expired_token` can hit it, so that a fresh one works.
USES_BEFORE_EXPIRY: Final = 50

_CHALLENGE: Final = (("WWW-Authenticate", 'Bearer error="invalid_token"'),)
_MFA: Final = Refusal(401, "900421", "The token does not show multi-factor authentication.")
_APP_ONLY: Final = Refusal(403, "900329", "An app-only token is not accepted on this resource.")


class _Said(NamedTuple):
    """What a token says of itself; `expires` in seconds since 1970."""

    expires: float | None
    app_only: bool
    mfa: bool


def _said(token: str) -> _Said | None:
    """None for a token that is opaque: not three parts with an object in the middle one."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    if not isinstance(claims, dict):
        return None
    expires, methods = claims.get("exp"), claims.get("amr")
    return _Said(
        expires if isinstance(expires, int | float) else None,
        not claims.get("scp"),
        isinstance(methods, list) and "mfa" in methods,
    )


class Tokens:
    """Remembers every token it saw: its number in order of appearance, uses, and whether it is dead."""

    def __init__(
        self,
        accepted: Collection[str],
        app_only: Collection[str],
        *,
        lifetime: float | None,
        mfa_missing: bool,
        form: ErrorForm,
        claims: TokenClaims = "ignored",
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._accepted = accepted
        self._app_only = app_only
        self._lifetime = lifetime
        self._mfa_missing = mfa_missing
        self._form = form
        self._claims = claims
        self._clock = clock
        self._wall = wall
        self._numbers: dict[str, int] = {}
        self._uses: list[int] = []
        self._born: list[float] = []
        self._said: list[_Said | None] = []
        self._dead: set[str] = set()

    def number(self, token: str) -> int:
        """1 for the first token that was ever seen, and so on; 0 for no token."""
        if not token:
            return 0
        number = self._numbers.get(token)
        if number is None:
            number = self._numbers[token] = len(self._numbers) + 1
            self._uses.append(0)
            self._born.append(self._clock())
            self._said.append(None if self._claims == "ignored" else _said(token))
        return number

    def refusal(self, token: str, *, write: bool) -> Reply | None:
        """None when the token is good for this request, and one use more for it; else a 401, or the 403
        that keeps app-only tokens from writing."""
        place = self.number(token) - 1
        if place < 0 or token in self._dead or (self._accepted and token not in self._accepted):
            return Reply(401, headers=_CHALLENGE)
        if self._has_run_out(place):
            return self.expire(token)
        said = self._said[place]
        if token in self._app_only or (said and said.app_only):
            if write:
                return error(_APP_ONLY, self._form)
        elif self._mfa_missing or (said and self._claims == "mfa" and not said.mfa):
            return error(_MFA, self._form)._replace(headers=_CHALLENGE, reason="Unauthorized - MFA required")
        self._uses[place] += 1
        return None

    def _has_run_out(self, place: int) -> bool:
        said = self._said[place]
        if said and said.expires is not None and self._wall() >= said.expires:
            return True
        return self._lifetime is not None and self._clock() - self._born[place] >= self._lifetime

    def expire(self, token: str) -> Reply:
        """Ends a token for ever and gives the 401 that says so."""
        self._dead.add(token)
        return Reply(401, headers=_CHALLENGE)

    def may_expire(self, token: str) -> bool:
        """Whether the fault may hit this token."""
        return self._uses[self.number(token) - 1] > USES_BEFORE_EXPIRY

    @property
    def expired(self) -> int:
        """How many tokens have ended."""
        return len(self._dead)
