"""Doors for tests of the skins: scripted answers, and what was asked."""

from __future__ import annotations

from collections.abc import Callable

from multidict import CIMultiDict

from batchqual.partnercenter import Call, Reply

__all__ = ["ScriptedDoor", "a_call", "a_reply"]

CORRELATION_ID = "00000000-0000-4000-8000-00000000cccc"


def a_call(*, writes: bool = False, masks: tuple[tuple[str, str], ...] = ()) -> Call:
    """A call."""
    return Call("POST" if writes else "GET", "/v1/x", "x", "first-id", writes=writes, masks=masks)


def a_reply(
    status: int = 200,
    body: bytes = b"[]",
    *,
    reason: str = "",
    complete: bool = True,
    headers: dict[str, str] | None = None,
) -> Reply:
    """An answer."""
    return Reply(status, reason, CIMultiDict(headers or {}), body, complete, CORRELATION_ID)


class ScriptedDoor:
    """Raises or answers as the script says, then answers 200."""

    def __init__(self, *script: Exception | Reply, on_send: Callable[[Call], None] | None = None) -> None:
        self.script = list(script)
        self.calls: list[Call] = []
        self.tokens: list[str] = []
        self.on_send = on_send

    async def send(self, call: Call) -> Reply:
        """The next line of the script."""
        self.calls.append(call)
        self.tokens.append(await call.bearer.take())
        if self.on_send is not None:
            self.on_send(call)
        answer = self.script.pop(0) if self.script else a_reply()
        if isinstance(answer, Exception):
            raise answer
        return answer
