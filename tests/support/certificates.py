"""Certificates of an app that end when a test wants it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import trustme

__all__ = ["certificate_ending"]


def certificate_ending(after: timedelta) -> str:
    """Private key and certificate (PEM, RSA); the certificate ends so long after now."""
    end = datetime.now(UTC) + after
    leaf = trustme.CA().issue_cert("app.contoso.example", key_type=trustme.KeyType.RSA, not_after=end)
    return leaf.private_key_pem.bytes().decode() + leaf.cert_chain_pems[0].bytes().decode()
