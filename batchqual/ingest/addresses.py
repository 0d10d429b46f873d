"""Domains and web addresses, as people write them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from batchqual.model import Cell, plain_domain

from .cells import Finding, Read, in_usual_letters, wrong_kind

__all__ = ["looks_like_domain", "read_domain", "read_website"]

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+\.?").fullmatch
_PREFIX = re.compile(_LABEL).fullmatch
_USUAL_SITE = re.compile(
    r"(?:https?://)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9](?:/[!-~]*)?"
).fullmatch
_E_MAIL = re.compile(r"[^@\s]+@([^@\s]+)").fullmatch
_FULL_STOPS = dict.fromkeys(map(ord, "。．｡"), ".")  # RFC 3490, section 3.1
_HOME = ".onmicrosoft.com"


def looks_like_domain(text: str) -> bool:
    """Whether the text is a host name with at least one dot."""
    return bool(_HOST(text)) and len(text) <= 253


def read_domain(cell: Cell) -> Read[str]:
    """The customer's domain, lower case, and in letters where it was encoded (``xn--``).

    A name without a dot is taken for the first part of ``….onmicrosoft.com``, with a warning. An address is
    an error that names its host.
    """
    finding = wrong_kind(cell, "domain")
    if finding:
        return None, finding
    text, warning = in_usual_letters(str(cell).translate(_FULL_STOPS))
    text = unicodedata.normalize("NFC", text.lower())
    if looks_like_domain(text):
        return plain_domain(text.rstrip(".")), warning
    mail = _E_MAIL(text)
    if mail:
        return None, Finding("address-not-domain", f"is an e-mail address; the domain in it is {mail[1]}")
    host = _host_of(text)
    if host:
        return None, Finding("address-not-domain", f"is a web address; the host in it is {host}")
    if _PREFIX(text) and not text.isdecimal():
        return text + _HOME, Finding("domain-completed", f"has no dot; it is read as {text}{_HOME}")
    return None, Finding("not-a-domain", "is not a domain name")


def read_website(cell: Cell) -> Read[str]:
    """The website of an Education customer, as it was written: a host name, or an http address."""
    if isinstance(cell, str) and _USUAL_SITE(cell):
        return cell, None
    finding = wrong_kind(cell, "website")
    if finding:
        return None, finding
    text, warning = in_usual_letters(str(cell))
    mail = _E_MAIL(text)
    if mail and "/" not in text:
        return None, Finding("not-a-website", f"is an e-mail address; the domain in it is {mail[1]}")
    if _host_of(text) or looks_like_domain(text):
        return text, warning
    return None, Finding("not-a-website", "is not a web address")


def _host_of(text: str) -> str | None:
    """The host of an http address, or of ``host/path``; None for anything else."""
    if any(letter.isspace() or not letter.isprintable() for letter in text):
        return None
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    bare_host = "://" not in text and parts.netloc == text
    if host is None or bare_host or parts.scheme.lower() not in {"http", "https"}:
        return None
    return host if looks_like_domain(host) else None
