"""azure's packages, made ready: a client that trusts what we trust, and whose errors are said in words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from batchqual.errors import SignInNeeded, UsageError
from batchqual.partnercenter import trust

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.exceptions import HttpResponseError
    from azure.keyvault.secrets import SecretClient

__all__ = ["secret_client"]

# logging_enable would write headers and bodies into a log.
_HOW: Final = {"logging_enable": False, "session_owner": False, "connection_timeout": 10, "read_timeout": 30}

# Without a handler Python would print azure's warnings between our own lines.
logging.getLogger("azure").addHandler(logging.NullHandler())


@contextmanager
def secret_client(
    host: str, secret: str, *, ca_bundle: Path | None, credential: object | None
) -> Iterator[SecretClient]:
    """A client of the vault at ``host``, for the length of a block that is about one ``secret``.

    Raises SignInNeeded, with words for what went wrong in the block; UsageError where packages are missing;
    AccessDenied where a proxy refuses.
    """
    try:
        from azure.core.exceptions import AzureError
        from azure.keyvault.secrets import SecretClient
    except ImportError:
        raise _not_installed() from None
    from .wire import refusal_of, trusting_session

    with ExitStack() as stack:
        # Plain http stays possible: managed identities are asked so, on this machine.
        session = stack.enter_context(trusting_session(trust(ca_bundle)))
        how = {**_HOW, "session": session}
        if credential is None:
            credential = stack.enter_context(_first_identity(how))
        try:
            yield stack.enter_context(
                SecretClient(
                    f"https://{host}",
                    cast("TokenCredential", credential),
                    retry_total=2,
                    retry_backoff_factor=0.4,
                    **how,
                )
            )
        except AzureError as error:
            # Not chained: azure's errors quote the service's answer.
            raise refusal_of(session) or _in_words(host, secret, error) from None
        except ValueError:
            # So azure says of a challenge that does not fit the host, lest a token go to a stranger.
            raise SignInNeeded(
                f"{host} does not answer like a key vault of its domain.",
                hint="Check the name of the vault in the reference.",
                code="vault",
            ) from None


def _first_identity(how: dict[str, Any]) -> Any:
    try:
        from azure.identity import DefaultAzureCredential
    except ImportError:
        raise _not_installed() from None
    try:
        return DefaultAzureCredential(exclude_interactive_browser_credential=True, **how)
    except (OSError, ValueError):
        raise UsageError(
            "The variables of the environment do not describe an Azure identity.",
            hint="Look at those whose names begin with AZURE_: a value, or a file that one names, is wrong.",
        ) from None


def _not_installed() -> UsageError:
    return UsageError(
        "A setting refers to Azure Key Vault, and the packages for it are not installed.",
        hint="Install batchqual with its extra azure: docs/how-to/sign-in.md tells how.",
    )


def _in_words(host: str, secret: str, error: Exception) -> SignInNeeded:
    from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

    status = error.status_code if isinstance(error, HttpResponseError) else None
    if isinstance(error, ClientAuthenticationError) and status != 401:
        words, hint = _NOBODY
    elif not isinstance(error, HttpResponseError) or status is None:
        words, hint = _UNREACHED
    elif _inner_code(error) == "ForbiddenByFirewall":
        words, hint = _FIREWALL
    else:
        words, hint = _BY_STATUS.get(
            status, (f"The key vault {{host}} answered with status {status}.", _LATER)
        )
    passing = words == _UNREACHED[0] or status == 429 or (status or 0) >= 500
    code = "vault-unreachable" if passing else "vault"
    return SignInNeeded(words.format(host=host, secret=secret), hint=hint, code=code)


def _inner_code(error: HttpResponseError) -> str:
    inner = error.error.innererror if error.error is not None else None
    return str(inner.get("code", "")) if isinstance(inner, dict) else ""


_LATER: Final = "Try again later."
_NOBODY: Final = (
    "No Azure identity of this machine can sign in to the key vault {host}.",
    (
        "Run `az login` as this account, give this machine a managed identity, or set AZURE_TENANT_ID, "
        "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET."
    ),
)
_UNREACHED: Final = (
    "The key vault {host} cannot be reached.",
    "Check its name and the network; BATCHQUAL_CA_BUNDLE names certificates that are to be trusted.",
)
_FIREWALL: Final = (
    "The firewall of the key vault {host} does not let this machine in.",
    "Whoever administers the vault has to let this machine's address, or its network, in.",
)
_BY_STATUS: Final = {
    401: (
        "The key vault {host} does not know the Azure identity of this machine (401).",
        "That identity has to belong to the tenant of the vault: look at `az account show`, AZURE_TENANT_ID.",
    ),
    403: (
        "The Azure identity of this machine may not use the secret {secret} in the key vault {host} (403).",
        (
            'Whoever administers the vault has to give that identity the role "Key Vault Secrets Officer", '
            'which reads and writes; for reading alone "Key Vault Secrets User" will do.'
        ),
    ),
    404: (
        "The key vault {host} has no secret {secret}.",
        "Put it there once, or correct the reference.",
    ),
    409: (
        "The secret {secret} in the key vault {host} was deleted, and is kept for recovery.",
        "Whoever administers the vault has to recover or to purge it.",
    ),
}
"""Roles: Azure Key Vault docs, page on access by roles."""
