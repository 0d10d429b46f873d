"""Values that stand in Azure Key Vault: how the settings refer to one, and how it is read and replaced."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from batchqual.errors import SignInNeeded, UsageError

from .secretclient import secret_client

if TYPE_CHECKING:
    from azure.keyvault.secrets import SecretClient

__all__ = ["Vault", "VaultReference", "vault_reference"]

_SCHEME: Final = "keyvault://"
# Azure Key Vault docs, page on identifiers: a vault's name has 3 to 24 characters, a secret's 1 to 127.
_VAULT: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]")
_HOST: Final = re.compile(r"(?=.*[.:])[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?")
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,127}")
_EXAMPLE: Final = "Write it like keyvault://contoso-vault/partner-refresh-token."


@dataclass(frozen=True, slots=True)
class VaultReference:
    """Which vault, by its name or by its whole host, and the name of a secret in it."""

    vault: str
    name: str

    def __str__(self) -> str:
        return f"{_SCHEME}{self.vault}/{self.name}"


def vault_reference(text: str) -> VaultReference | None:
    """The reference that a setting is, None for an ordinary value: ``keyvault://VAULT/NAME``, where a VAULT
    with a dot or a port is the whole host. Raises UsageError for a malformed one, which is not quoted."""
    text = text.strip()
    if not text.lower().startswith(_SCHEME):
        return None
    vault, _, name = text[len(_SCHEME) :].partition("/")
    if not (_VAULT.fullmatch(vault) or _HOST.fullmatch(vault)):
        wrong = "its vault is not the name of a vault"
    elif not _NAME.fullmatch(name):
        wrong = "the part behind its vault is not the name of a secret (letters, digits and hyphens)"
    else:
        return VaultReference(vault, name)
    raise UsageError(f"A reference to Azure Key Vault is malformed: {wrong}.", hint=_EXAMPLE)


class Vault:
    """Azure Key Vault. Its calls block, for seconds at worst: for a thread.

    ``suffix`` is the domain of the cloud's vaults; ``ca_bundle`` is trusted besides the system's
    certificates. Without a ``credential`` (azure's TokenCredential) the first identity is taken that
    azure-identity finds: environment, workload, managed identity, `az login`; never a browser. Values are
    neither logged nor quoted.
    """

    def __init__(
        self,
        *,
        suffix: str = "vault.azure.net",
        ca_bundle: Path | None = None,
        credential: object | None = None,
    ) -> None:
        self._suffix = suffix
        self._ca_bundle = ca_bundle
        self._credential = credential

    def read(self, reference: VaultReference) -> str:
        """The newest value. Raises SignInNeeded, UsageError."""
        with self._client(reference) as client:
            value = client.get_secret(reference.name).value
        if not value:
            raise SignInNeeded(
                f"The secret {reference.name} in the key vault {reference.vault} is empty.",
                hint="Put the value there, then say the same again.",
                code="vault",
            )
        return value

    def write(self, reference: VaultReference, value: str) -> None:
        """Make this the newest value; older versions stay. Raises SignInNeeded, UsageError."""
        with self._client(reference) as client:
            client.set_secret(reference.name, value)

    def _client(self, reference: VaultReference) -> AbstractContextManager[SecretClient]:
        whole = _HOST.fullmatch(reference.vault)
        host = reference.vault if whole else f"{reference.vault}.{self._suffix}"
        return secret_client(host, reference.name, ca_bundle=self._ca_bundle, credential=self._credential)
