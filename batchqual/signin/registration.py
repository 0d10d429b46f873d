"""The partner's app registration, as the settings tell it; secrets may stand in a vault."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from batchqual.errors import UsageError

from .failures import Remedies, remedies
from .proof import Certificate, Proof
from .vault import Vault, VaultReference, vault_reference

__all__ = ["Registration", "authority_of", "fingerprint"]


@dataclass(frozen=True, slots=True)
class Registration:
    """Whose app it is, where it signs in and for what, and how it proves who it is.

    ``authority`` ends with the tenant; ``trust`` gives what is trusted on the way there. ``secret``,
    ``certificate`` (a path) and ``refresh_token`` may be references into a vault. Nothing is read or
    fetched before it is needed.
    """

    tenant_id: str
    client_id: str
    authority: str
    scope: str
    trust: Callable[[], ssl.SSLContext] = field(repr=False)
    vault: Vault = field(repr=False)
    secret: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    certificate_password: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)

    @property
    def confidential(self) -> bool:
        """Whether the app can prove who it is, and so sign in by itself."""
        return bool(self.secret or self.certificate)

    @property
    def key(self) -> str:
        """What tells this registration's tokens from others, on one machine."""
        return f"{self.authority} {self.client_id}"

    @property
    def reference(self) -> VaultReference | None:
        """Where the refresh token stands, if that is a vault."""
        return vault_reference(self.refresh_token)

    @property
    def remedies(self) -> Remedies:
        """Who has to do what when signing in is refused."""
        return remedies(
            stored=bool(self.refresh_token), secret=bool(self.secret), certificate=bool(self.certificate)
        )

    def proof(self) -> Proof:
        """The secret or the certificate; None for a public client. May read a file, or ask a vault.

        Raises UsageError, SignInNeeded.
        """
        return self._certificate() if self.certificate else self._value(self.secret) or None

    def _certificate(self) -> Certificate:
        from .certificates import certificate_from, read_certificate

        password = self._value(self.certificate_password) or None
        reference = vault_reference(self.certificate)
        if reference is None:
            return read_certificate(self.certificate, password)
        place = f"{reference.name} in the vault {reference.vault}"
        return certificate_from(self.vault.read(reference).encode(), password, place)

    def configured_refresh_token(self) -> str:
        """The refresh token of the settings, fetched from its vault if it stands there."""
        return self._value(self.refresh_token)

    def _value(self, text: str) -> str:
        """A value, fetched if it stands in a vault, where one from a file ends with a line break."""
        reference = vault_reference(text)
        return text if reference is None else self.vault.read(reference).strip()


def fingerprint(secret: str) -> str:
    """What tells whether a configured value has changed, without keeping it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def authority_of(address: str, tenant_id: str) -> str:
    """The sign-in address with its tenant: https, a host, and no other tenant. Raises UsageError."""
    try:
        parts = urlsplit(address.strip())
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    path = parts.path.strip("/")
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise UsageError(
            "BATCHQUAL_AUTHORITY is not the address of a sign-in service.",
            hint="Write it like https://login.microsoftonline.com; plain http is not taken.",
        )
    if path.lower() not in ("", tenant_id.lower()):
        raise UsageError(
            f"BATCHQUAL_AUTHORITY names the tenant {path}, BATCHQUAL_TENANT_ID names {tenant_id}.",
            hint="Write the address without a tenant; it has to be the partner's own.",
        )
    return f"https://{parts.netloc}/{tenant_id}"
