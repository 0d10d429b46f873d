"""The national clouds: where the API is, where one signs in, and for what."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CLOUDS", "Cloud"]


@dataclass(frozen=True, slots=True)
class Cloud:
    """``api`` and ``authority`` are addresses, ``audience`` is what a token has to be for, ``vaults`` the
    domain of its key vaults."""

    api: str
    authority: str
    audience: str
    vaults: str

    @property
    def scope(self) -> str:
        """All that the app was given there; an app alone can ask for nothing else."""
        return f"{self.audience}/.default"


_API = "https://api.partnercenter.microsoft.com"
_API_CHINA = "https://partner.partnercenterapi.microsoftonline.cn"

CLOUDS = {
    "global": Cloud(_API, "https://login.microsoftonline.com", _API, "vault.azure.net"),
    "us-government": Cloud(_API, "https://login.microsoftonline.us", _API, "vault.usgovcloudapi.net"),
    "china": Cloud(_API_CHINA, "https://login.partner.microsoftonline.cn", _API_CHINA, "vault.azure.cn"),
}
"""By name. Addresses: Partner Center docs, REST URLs page, July 2023; audiences: Partner Center docs, page on
dropping Azure AD Graph tokens, August 2025; vaults: Azure Key Vault docs, vault DNS suffixes."""
