"""What the sign-in server hands out and what a client shows it: JSON web tokens, made and checked.

Access tokens have the shape of version 1.0, which Partner Center asks for. There is no key for them, so their
signature is chance: a client must treat them as opaque, or read them without trust.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

import trustme
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

__all__ = [
    "ClientCertificate",
    "User",
    "decoded",
    "fault_of_assertion",
    "id_token",
    "packed",
    "signed_by_nobody",
]

_PADDINGS: Final = {
    "RS256": padding.PKCS1v15(),
    "PS256": padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.AUTO),
}
_THUMBPRINTS: Final = {"x5t#S256": hashes.SHA256(), "x5t": hashes.SHA1()}


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in, and how he did."""

    name: str = "agent@contoso.example"
    object_id: str = "00000000-0000-4000-8000-00000000a9e1"
    mfa: bool = True

    @property
    def methods(self) -> list[str]:
        """The claim ``amr``."""
        return ["pwd", "mfa"] if self.mfa else ["pwd"]


class ClientCertificate:
    """A certificate of an app, with its private key (RSA, as Entra asks for). Texts are PEM."""

    def __init__(self) -> None:
        leaf = trustme.CA().issue_cert("app.contoso.example", key_type=trustme.KeyType.RSA)
        self.private_key = leaf.private_key_pem.bytes().decode()
        self.certificate = leaf.cert_chain_pems[0].bytes().decode()


def packed(value: object) -> str:
    """A part of a token: JSON in base64url without padding."""
    return _text(json.dumps(value).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def decoded(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    claims: dict[str, Any] = json.loads(_raw(token.split(".")[1]))
    return claims


def signed_by_nobody(claims: dict[str, object]) -> str:
    """An access token that is like no other."""
    header = {"typ": "JWT", "alg": "RS256", "kid": "contoso-1"}
    unique = {**claims, "uti": secrets.token_urlsafe(16)}
    return ".".join([packed(header), packed(unique), _text(secrets.token_bytes(32))])


def id_token(claims: dict[str, object]) -> str:
    """A token for the client itself; msal reads it and checks no signature."""
    return ".".join([packed({"typ": "JWT", "alg": "RS256"}), packed(claims), _text(secrets.token_bytes(32))])


def fault_of_assertion(assertion: str, certificates: list[str], *, client: str, audience: str) -> str | None:
    """What is wrong with a client's assertion (RFC 7523), None for nothing. One of the certificates (PEM)
    must have signed it and be named in its header."""
    try:
        header, claims = (json.loads(_raw(part)) for part in assertion.split(".")[:2])
        signature = _raw(assertion.split(".")[2])
        scheme = _PADDINGS[header["alg"]]
    except (ValueError, KeyError, IndexError, TypeError):
        return "it is not a token that RS256 or PS256 signed"
    named = [one for one in map(_certificate, certificates) if _is_named(header, one)]
    if not named:
        return "its header names no certificate of this app"
    key = named[0].public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(signature, assertion.rpartition(".")[0].encode("ascii"), scheme, hashes.SHA256())
    except InvalidSignature:
        return "the signature is not that of the certificate"
    return _fault_of_claims(claims, client, audience)


def _fault_of_claims(claims: dict[str, Any], client: str, audience: str) -> str | None:
    if (client, client) != (claims.get("iss"), claims.get("sub")):
        return "iss and sub are not the app"
    if audience != claims.get("aud"):
        return "aud is not the token endpoint"
    return None if claims.get("exp", 0) > time.time() else "it has expired"


def _certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode("ascii"))


def _is_named(header: dict[str, Any], certificate: x509.Certificate) -> bool:
    told = {name: header[name].rstrip("=") for name in _THUMBPRINTS if name in header}
    return bool(told) and all(
        text == _text(certificate.fingerprint(_THUMBPRINTS[name])) for name, text in told.items()
    )
