"""Where tokens come from: five recipes, each over msal, and the place where a refresh token is kept.

`sign_in` chooses a recipe by what is configured and gives the tokens for writes and for reads; `Renewing`
renews them in time, once for all; `by_browser` and `by_device_code` are how a person signs in. Whatever ends
it is `SignInNeeded`, with words that say which person has to do what.

msal, requests and cryptography are loaded when a token is first asked for, so that the other names cost a
command line nothing.
"""

from __future__ import annotations

from .failures import Passing, refusal
from .interactive import SignedIn, by_browser, by_device_code
from .opening import Means, SignIn, configured, login_key, refresh_token_key, sign_in
from .proof import Certificate, Proof
from .recipes import Configured, Recipe, choose
from .registration import Registration, authority_of, fingerprint
from .renewing import Renewing, due_at
from .sources import AppSource, Grant, Source, UserSource
from .store import Kept, TokenStore, open_store
from .threads import in_thread
from .vault import Vault, VaultReference, vault_reference

__all__ = [
    "AppSource",
    "Certificate",
    "Configured",
    "Grant",
    "Kept",
    "Means",
    "Passing",
    "Proof",
    "Recipe",
    "Registration",
    "Renewing",
    "SignIn",
    "SignedIn",
    "Source",
    "TokenStore",
    "UserSource",
    "Vault",
    "VaultReference",
    "authority_of",
    "by_browser",
    "by_device_code",
    "choose",
    "configured",
    "due_at",
    "fingerprint",
    "in_thread",
    "login_key",
    "open_store",
    "refresh_token_key",
    "refusal",
    "sign_in",
    "vault_reference",
]
