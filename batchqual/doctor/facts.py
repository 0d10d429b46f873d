"""What is examined, and what earlier checks found out for later ones."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from batchqual.clock import Clock
from batchqual.partnercenter import ValidationCode
from batchqual.settings import Settings
from batchqual.signin import Means, SignIn
from batchqual.target import Target

from .route import Route

__all__ = ["API_HOST", "SIGN_IN_HOST", "Facts"]

SIGN_IN_HOST = "sign-in host"
API_HOST = "API host"


@dataclass(slots=True)
class Facts:
    """``flags`` is what was typed. What has no value yet is found by a check, which those that use it name
    among their needs. ``refusing`` are the proxies that take no login of ours. ``place`` says where this
    process stands: the same words elsewhere tell whether a scheduler would stand there too."""

    flags: Mapping[str, object]
    clock: Clock
    settings: Settings = field(init=False)
    trust: ssl.SSLContext = field(init=False)
    target: Target = field(init=False)
    means: Means = field(init=False)
    sign_in: SignIn = field(init=False)
    codes: tuple[ValidationCode, ...] | None = field(init=False, default=None)
    routes: dict[str, Route | None] = field(init=False, default_factory=dict)
    refusing: set[str] = field(init=False, default_factory=set)
    place: dict[str, str] = field(init=False, default_factory=dict)
