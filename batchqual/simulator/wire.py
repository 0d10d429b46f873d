"""Replies on the socket: whole, cut in the middle, or never."""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from asyncio import Transport

    from .wording import Reply

#: SO_LINGER with no time makes close() send a reset; the two members are shorts on Windows.
_RESET: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_MISSING: Final = 64


def respond(request: web.BaseRequest, reply: Reply, number: int) -> web.Response:
    """The whole answer, with the request's ids in it (ids of our own where it had none)."""
    made = f"00000000-0000-4000-9000-{number:012x}"
    asked = request.headers
    headers = {
        "MS-RequestId": asked.get("MS-RequestId", made),
        "MS-CorrelationId": asked.get("MS-CorrelationId", made),
        "Content-Type": reply.kind,
    }
    headers.update(reply.headers)
    return web.Response(status=reply.status, reason=reply.reason, body=reply.body, headers=headers)


async def cut(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Half of the body under a Content-Length that is longer than all of it, then the end of the
    connection."""
    response = web.StreamResponse(status=reply.status, headers={"Content-Type": reply.kind})
    response.content_length = len(reply.body) + _MISSING
    await response.prepare(request)
    await response.write(reply.body[: len(reply.body) // 2])
    transport = request.transport
    if transport is not None:
        transport.close()
    return response


def drop(request: web.BaseRequest) -> web.Response:
    """Ends the connection with a reset. The response that this gives back is for the server's loop; nobody
    gets it."""
    transport: Transport | None = request.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    return web.Response(status=500)
