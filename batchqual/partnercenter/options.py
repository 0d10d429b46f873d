"""How to connect: everything but the token."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .retry import RetryPolicy

__all__ = ["Connection", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one try, in seconds: to connect one socket, between two reads, in total (once for connecting
    and once for the exchange; standing at the gate apart), and for a connection to stand at the gate before a
    new one takes its place. ``body`` is in bytes: a longer one counts as unreadable. ``header`` (one of them,
    in bytes) and ``headers`` (their number) leave room for what proxies add: an answer with more is none."""

    connect: float = 30.0
    read: float = 60.0
    total: float = 100.0
    standing: float = 5.0
    body: int = 1 << 20
    header: int = 1 << 16
    headers: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How to reach the service, and how hard to lean on it.

    ``rate`` in requests a second, None for no limit (on loopback alone); ``max_pause`` in seconds, None to
    wait however long the service asks; ``contract_version`` None leaves that header out: one page calls it
    required, and no sample sends it (Partner Center docs, headers page, June 2022).
    """

    base_url: str
    api: str = "asynchronous"
    rate: float | None = 5.0
    concurrency: int = 16
    max_pause: float | None = None
    ca_bundle: Path | None = None
    limits: Limits = field(default_factory=Limits)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    contract_version: str | None = "v1"
