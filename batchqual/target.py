"""Whom a run is for, how it connects, and in which ledger it writes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from .credentials import means_of
from .errors import UsageError
from .ledger import LedgerView
from .machine import default_ledger_path
from .partnercenter import (
    Connection,
    Limits,
    RetryPolicy,
    check_base_url,
    claims,
    is_loopback,
)
from .settings import Settings

__all__ = ["Target", "check_ledger_origin", "connection_of", "target_of"]

_PAUSE_ALWAYS_WAITED = 300.0


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a run is for: the API's origin, the partner's tenant (empty when unnamed), and the ledger."""

    origin: str
    partner: str
    ledger: Path

    @property
    def loopback(self) -> bool:
        """Whether the service is on this machine: a simulator."""
        return is_loopback(self.origin)


def target_of(settings: Settings) -> Target:
    """Whom the settings name. Raises UsageError when they contradict each other, or are unsafe there.

    The simulator has a ledger of its own unless one is named, for the two never share one.
    """
    origin = check_base_url(settings.address)
    loopback = is_loopback(origin)
    settings.check_for(loopback=loopback)
    tenant = claims(means_of(settings).access_token).tenant_id
    if settings.tenant_id and tenant and settings.tenant_id != tenant:
        raise UsageError(
            f"The tenant in the settings is {settings.tenant_id}, but the access token is for {tenant}.",
            hint="Correct BATCHQUAL_TENANT_ID, or get a token for that tenant.",
        )
    ledger = default_ledger_path()
    if loopback:
        ledger = ledger.with_name(f"simulator-{ledger.name}")
    return Target(origin, settings.tenant_id or tenant or "", _spelled_out(settings.ledger or ledger))


def _spelled_out(path: Path) -> Path:
    """Without ``~``. A home that is not there is told by whoever opens the ledger: the input comes first."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def check_ledger_origin(view: LedgerView, target: Target, *, same: bool = False) -> None:
    """A ledger never mixes a simulator with a real service; ``same`` refuses every other origin.

    Raises UsageError.
    """
    for origin in sorted(view.origins() - {target.origin}):
        if same or is_loopback(origin) != target.loopback:
            raise UsageError(
                f"The ledger {target.ledger} belongs to {origin}, not to {target.origin}.",
                hint="Name another file with --ledger.",
                code="ledger-of-another-origin",
            )


def connection_of(
    settings: Settings,
    target: Target,
    *,
    limits: Limits | None = None,
    retry: RetryPolicy | None = None,
) -> Connection:
    """How to reach the service. A pause longer than ``--wait`` (five minutes at least) stops the run."""
    return Connection(
        base_url=target.origin,
        api=settings.api,
        rate=settings.rate,
        concurrency=settings.concurrency,
        max_pause=None if math.isinf(settings.wait) else max(settings.wait, _PAUSE_ALWAYS_WAITED),
        ca_bundle=settings.ca_bundle,
        limits=limits
        or Limits(
            connect=settings.connect_timeout,
            read=settings.read_timeout,
            total=settings.request_timeout,
            body=settings.max_answer_size,
        ),
        retry=retry or RetryPolicy(),
    )
