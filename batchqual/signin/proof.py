"""How the app proves who it is: a secret, or a certificate with its key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["Certificate", "Proof"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its private key, both PEM. ``expires_at`` is UTC."""

    private_key: str = field(repr=False)
    public: str = field(repr=False)
    expires_at: datetime


Proof = str | Certificate | None
"""A client secret, a certificate, or nothing: a public client."""
