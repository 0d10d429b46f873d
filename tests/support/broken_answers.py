"""Answers that are none: each leaves it open what became of the call."""

from __future__ import annotations

import pytest

from .replay_server import Canned, canned

__all__ = ["BROKEN"]

BROKEN = [
    pytest.param(Canned(close=True), id="closed after reading"),
    pytest.param(Canned(delay=None), id="never answered"),
    pytest.param(Canned(b"HTTP/1.1 2", hang=True), id="half a status line"),
    pytest.param(Canned(b"220 mail.example ready\r\n"), id="another protocol"),
    pytest.param(Canned(b"HTTP/1.1 abc OK\r\n\r\n"), id="no status"),
    pytest.param(Canned(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), id="no length"),
    pytest.param(Canned(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000 + b"\r\n\r\n"), id="endless header"),
    pytest.param(canned("500 Oops", "<html>"), id="500"),
    pytest.param(canned("502 Bad Gateway", ""), id="502"),
    pytest.param(canned("408 Request Timeout", "{}"), id="408"),
    pytest.param(canned("404 Not Found", "<html>"), id="404 of a gateway"),
    pytest.param(canned("400 Bad Request", '{"code":"1"}', cut=5), id="400 cut"),
    pytest.param(canned("400 Bad Request", '{"code":"1"}', cut=5, hang=True), id="400 that stops"),
    pytest.param(canned("302 Found", "{}", headers=["Location: /elsewhere"]), id="redirect"),
    pytest.param(canned("307 Moved", "{}", headers=["Location: /elsewhere"]), id="redirect with method"),
    pytest.param(
        Canned(b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"), id="broken chunks"
    ),
    pytest.param(
        canned("400 Bad", b"\x1f\x8bnonsense", headers=["Content-Encoding: gzip"]), id="broken compression"
    ),
]
