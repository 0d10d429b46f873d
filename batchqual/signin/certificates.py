"""Certificates with their private keys, read from PEM and PFX."""

from __future__ import annotations

import base64
import binascii
import re
from contextlib import suppress

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12

from batchqual.errors import UsageError
from batchqual.paths import PathRole

from .proof import Certificate

__all__ = ["certificate_from", "read_certificate"]

_HINT = "BATCHQUAL_CLIENT_CERTIFICATE names a PEM or PFX file that holds the certificate and its private key."
_CERTIFICATE = PathRole(UsageError, "The certificate {} cannot be read", _HINT, "certificate-unreadable")
_CERTIFICATES = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def read_certificate(named: str, password: str | None) -> Certificate:
    """The certificate in a file. Raises UsageError."""
    path = _CERTIFICATE.at_home(named)
    with _CERTIFICATE.told(path):
        content = path.read_bytes()
    return certificate_from(content, password, str(path))


def certificate_from(content: bytes, password: str | None, place: str) -> Certificate:
    """The certificate in PEM, PFX, or a vault's base64 of a PFX. Raises UsageError, naming ``place``."""
    secret = password.encode() if password else None
    if b"-----BEGIN" in content:
        return _from_pem(content, secret, place)
    with suppress(binascii.Error):  # not text: the PFX itself
        content = base64.b64decode(content.strip(), validate=True)
    return _from_pfx(content, secret, place)


def _from_pem(content: bytes, secret: bytes | None, place: str) -> Certificate:
    encrypted = b"ENCRYPTED" in content
    try:
        # A password for a key that is not encrypted is no mistake worth a word.
        key = serialization.load_pem_private_key(content, secret if encrypted else None)
    except (ValueError, TypeError):
        raise _unusable(place, encrypted=encrypted) from None
    blocks = _CERTIFICATES.findall(content.decode("ascii", "replace"))
    if not blocks:
        raise UsageError(f"{place} holds no certificate, only a key.", hint=_HINT)
    try:
        chain = [x509.load_pem_x509_certificate(block.encode()) for block in blocks]
    except ValueError:
        raise _unusable(place, encrypted=False) from None
    own = [one for one in chain if one.public_key() == key.public_key()]
    if not own:
        raise UsageError(f"The private key in {place} is not that of its certificate.", hint=_HINT)
    return _certificate(key, own[0])


def _from_pfx(content: bytes, secret: bytes | None, place: str) -> Certificate:
    try:
        key, found, _ = pkcs12.load_key_and_certificates(content, secret)
    except ValueError as error:
        raise _unusable(place, encrypted="password" in str(error).lower()) from None
    if key is None or found is None:
        raise UsageError(f"{place} lacks the certificate or its private key.", hint=_HINT)
    return _certificate(key, found)


def _certificate(key: object, found: object) -> Certificate:
    if not isinstance(key, RSAPrivateKey) or not isinstance(found, x509.Certificate):
        raise UsageError(
            "The certificate's key is not RSA, which sign-in at Microsoft wants.", hint="Make one with RSA."
        )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = found.public_bytes(serialization.Encoding.PEM)
    return Certificate(private.decode(), public.decode(), found.not_valid_after_utc)


def _unusable(place: str, *, encrypted: bool) -> UsageError:
    if encrypted:
        return UsageError(
            f"The private key in {place} is encrypted, and the password is missing or wrong.",
            hint="Set BATCHQUAL_CLIENT_CERTIFICATE_PASSWORD.",
        )
    return UsageError(f"{place} is neither a PEM nor a PFX file with a private key.", hint=_HINT)
