"""The settings: what they are, and whether they make sense together."""

from __future__ import annotations

import os
from collections.abc import Iterator

from batchqual.credentials import means_of
from batchqual.errors import UsageError
from batchqual.machine import user_name
from batchqual.partnercenter import proxy_for, trust
from batchqual.paths import LEDGER
from batchqual.settings import load_settings
from batchqual.target import target_of

from .facts import API_HOST, SIGN_IN_HOST, Facts
from .finding import Finding, passed, warned
from .listing import listed

__all__ = ["ca_bundle", "cloud", "partner", "service", "settings", "sign_in_settings", "variables"]

_OF_OPENSSL = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_OF_SIGN_IN = (
    *("access_token", "client_id", "client_secret", "client_certificate"),
    *("client_certificate_password", "refresh_token", "authority", "tenant_id"),
)


def settings(facts: Facts) -> Finding:
    """Load them. A file or a value that makes no sense is an error."""
    facts.settings = load_settings(facts.flags)
    facts.place["account"] = user_name()
    facts.place["variables of Azure"] = ", ".join(sorted(_of_azure())) or "none"
    told = [f"{one.name} ({one.origin})" for one in listed(facts.settings) if not one.is_default]
    if not told:
        return passed("All are at their defaults.")
    return passed(f"Not at their defaults: {', '.join(told)}.")


def variables(facts: Facts) -> Finding:
    """Variables that look like settings and are none."""
    if not facts.settings.notes:
        return passed("Every variable that begins with BATCHQUAL_ is a setting.")
    return warned(" ".join(facts.settings.notes), "Correct the name of the variable, or take it away.")


def cloud(facts: Facts) -> Finding:
    """Whether qualifications are known to exist there."""
    if facts.settings.cloud == "global":
        return passed("The global cloud.")
    return warned(
        f"The cloud {facts.settings.cloud}: whether it offers qualifications is not documented for certain.",
        "GCC rows belong to the global cloud as well: leave --cloud away unless Microsoft told you else.",
    )


def ca_bundle(facts: Facts) -> Finding:
    """Which certificates are trusted."""
    bundle = facts.settings.ca_bundle
    facts.trust = trust(bundle)
    named = (os.environ.get(name) for name in _OF_OPENSSL)
    facts.place["trusted certificates"] = next(filter(None, named), "those of the system")
    if bundle is None:
        return passed("The certificates that this system trusts.")
    return passed(f"The certificates that this system trusts, and those in {bundle}.")


def service(facts: Facts) -> Finding:
    """Which service, and which ledger; whoever signs in there."""
    alone = facts.settings.model_copy(update=dict.fromkeys(_OF_SIGN_IN))
    facts.target = target_of(alone)
    facts.place["ledger"] = str(LEDGER.full(facts.target.ledger))
    _note_proxy(facts, API_HOST, facts.target.origin)
    return passed(f"{facts.target.origin}{', which is on this machine' if facts.target.loopback else ''}.")


def sign_in_settings(facts: Facts) -> Finding:
    """Whether they are whole: half a registration is an error that names the other half."""
    facts.means = means_of(facts.settings)
    if facts.means.registration is None:
        return passed("No app registration is set." if facts.means.access_token else "Nothing is set.")
    _note_proxy(facts, SIGN_IN_HOST, facts.means.registration.authority)
    return passed(
        f"The app {facts.means.registration.client_id} signs in at {facts.means.registration.authority}."
    )


def _note_proxy(facts: Facts, host: str, url: str) -> None:
    """Its way is looked at later; here it is only said which one it is, for a comparison."""
    try:
        found = proxy_for(url)
        named = found.url if found else "none"
    except UsageError:
        named = "one that cannot be read"
    facts.place[f"proxy to the {host}"] = named


def _of_azure() -> Iterator[str]:
    """The names of the variables by which a key vault lets a machine in; their values are nobody's."""
    return (name for name, value in os.environ.items() if name.upper().startswith("AZURE_") and value)


def partner(facts: Facts) -> Finding:
    """Whose requests these are: settings and token must agree."""
    facts.target = target_of(facts.settings)
    if facts.target.partner:
        return passed(f"The partner tenant is {facts.target.partner}.")
    return warned(
        "Neither the settings nor the token name the partner's tenant.",
        "Set BATCHQUAL_TENANT_ID, so that the ledger can tell partners apart.",
    )
