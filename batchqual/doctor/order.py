"""All checks, in their order: that in which a run would meet the troubles, so that the first failure's exit
code is the one with which a run would end."""

from __future__ import annotations

from functools import partial
from typing import Final

from . import asking, bearers, book, configured, premises, signing, way
from .facts import API_HOST, SIGN_IN_HOST
from .finding import Check

__all__ = ["CHECKS"]

_USAGE, _LEDGER, _SIGN_IN, _STOPPED, _UNEXPECTED = 2, 11, 12, 13, 1


def _hops(host: str, exit_code: int, needs: tuple[str, ...]) -> tuple[Check, ...]:
    """The hops to one host. Each needs the one before."""
    names = [f"{host}: {hop}" for hop in ("proxy", "DNS", "connection", "TLS")]
    looks = [way.proxy, way.name, way.connection, way.tls]
    before = [needs, *((name,) for name in names)]
    return tuple(
        Check(name, partial(look, which=host), exit_code, need, network=True)
        for name, look, need in zip(names, looks, before, strict=False)
    )


CHECKS: Final = (
    Check("versions", premises.versions, _UNEXPECTED),
    Check("time zone", premises.time_zone, _UNEXPECTED),
    Check("settings", configured.settings, _USAGE),
    Check("variables", configured.variables, _USAGE, ("settings",)),
    Check("cloud", configured.cloud, _USAGE, ("settings",)),
    Check("trusted certificates", configured.ca_bundle, _USAGE, ("settings",)),
    Check("service", configured.service, _USAGE, ("settings",)),
    Check("sign-in settings", configured.sign_in_settings, _USAGE, ("settings",)),
    Check("partner", configured.partner, _USAGE, ("service", "sign-in settings")),
    Check("report", premises.report, _USAGE, ("settings",)),
    Check("disk of the report", premises.disk_of_report, _USAGE, ("report",)),
    Check("ledger's place", book.place, _LEDGER, ("service",)),
    Check("ledger", book.writable, _LEDGER, ("ledger's place",)),
    Check("ledger's lock", book.lock, _LEDGER, ("ledger",)),
    Check("ledger's pages", book.integrity, _LEDGER, ("ledger",)),
    Check("disk of the ledger", premises.disk_of_ledger, _LEDGER, ("ledger",)),
    Check("token store", signing.store, _SIGN_IN, ("sign-in settings",)),
    Check("sign-in", signing.recipe, _SIGN_IN, ("token store",)),
    Check("key vault", signing.vault, _SIGN_IN, ("token store", "trusted certificates"), network=True),
    Check("refresh token", signing.refresh_token, _SIGN_IN, ("sign-in", "key vault"), network=True),
    Check("proof of the app", signing.proof, _SIGN_IN, ("sign-in settings", "key vault"), network=True),
    *_hops(SIGN_IN_HOST, _SIGN_IN, ("sign-in", "service", "trusted certificates")),
    *_hops(API_HOST, _UNEXPECTED, ("service", "trusted certificates")),
    Check(
        "clock",
        way.clock,
        _SIGN_IN,
        (f"{SIGN_IN_HOST}: TLS", f"{API_HOST}: TLS", "ledger's pages"),
        network=True,
    ),
    Check(
        "token for submissions",
        bearers.for_submissions,
        _SIGN_IN,
        (f"{SIGN_IN_HOST}: TLS", "refresh token", "proof of the app"),
        network=True,
    ),
    Check(
        "token for looks",
        bearers.for_looks,
        _SIGN_IN,
        (f"{SIGN_IN_HOST}: TLS", "refresh token", "proof of the app"),
        network=True,
    ),
    Check(
        "answer",
        asking.answer,
        _STOPPED,
        (f"{API_HOST}: TLS", "token for looks", "ledger's pages", "partner"),
        network=True,
    ),
    Check("validation codes", asking.codes, _STOPPED, ("answer",), network=True),
)
"""A check is skipped when one that it needs failed or was skipped."""
