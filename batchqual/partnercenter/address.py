"""The service's address, the way to it, and what is trusted on that way."""

from __future__ import annotations

import base64
import ipaddress
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from ..errors import AccessDenied, UsageError

__all__ = ["Proxy", "check_base_url", "is_loopback", "proxy_for", "proxy_refusal", "trust", "without_login"]

_HINT = (
    "Give an address such as https://api.partnercenter.microsoft.com (or http://127.0.0.1:8080 on loopback)."
)


def check_base_url(url: str) -> str:
    """The address in its one spelling: scheme, host in lower case, port unless it is the scheme's own, and
    the path in front of ``/v1`` if there is one. Raises UsageError.

    https only, but for loopback; no user, password, query or fragment.
    """
    parts = _split(url)
    if parts.username is not None or parts.password is not None:
        raise UsageError("The base URL holds a user name or password.", hint="Leave them out: " + _HINT)
    host = (parts.hostname or "").rstrip(".")
    if not host or parts.query or parts.fragment:
        raise UsageError("The base URL is not a plain address.", hint=_HINT)
    if parts.scheme not in ("https", "http"):
        raise UsageError(f"The base URL begins with {parts.scheme or 'nothing'}, not with https.", hint=_HINT)
    if parts.scheme == "http" and not _loops_back(host):
        raise UsageError(f"Plain http to {host} would show the token to everyone on the way.", hint=_HINT)
    shown = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port not in (None, {"https": 443, "http": 80}[parts.scheme]) else ""
    return f"{parts.scheme}://{shown}{port}{parts.path.rstrip('/').removesuffix('/v1').rstrip('/')}"


def _split(url: str) -> SplitResult:
    text = url.strip()
    if any(one.isspace() or not one.isprintable() or one in '\\<>"' for one in text):
        raise UsageError("The base URL holds a character that no address has.", hint=_HINT)
    try:
        parts = urlsplit(text)
        _ = parts.port
        (parts.hostname or "").encode("ascii")
    except ValueError:
        raise UsageError("The base URL cannot be read.", hint=_HINT) from None
    return parts


def is_loopback(base_url: str) -> bool:
    """Whether an address that `check_base_url` gave is on this machine."""
    return _loops_back(urlsplit(base_url).hostname or "")


def _loops_back(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy without its credentials, and the header that carries them, if it wants any."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def proxy_for(base_url: str) -> Proxy | None:
    """The proxy that the usual variables (or the system's settings) name for this address. Raises UsageError.

    Read once for a connection, not for each request, and without a look into ``.netrc``, whose entry would
    take the place of the token. A proxy is never asked for an address on this machine.
    """
    host = urlsplit(base_url).hostname or ""
    if is_loopback(base_url) or proxy_bypass(host):
        return None
    named = getproxies()
    found = named.get("https") or named.get("all")
    if not found:
        return None
    parts = _proxy_parts(found if "://" in found else f"http://{found}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"The proxy settings name a {parts.scheme} proxy.",
            hint="Only http proxies can be used: set HTTPS_PROXY.",
        )
    if "@" in parts.path + parts.query + parts.fragment:
        raise UsageError(
            "The proxy settings cannot be read: the password holds a character that ends a host.",
            hint="Write /, #, ? and @ in the password of HTTPS_PROXY as %2F, %23, %3F and %40.",
        )
    headers = {}
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Proxy-Authorization"] = "Basic " + base64.b64encode(login).decode("ascii")
    return Proxy(without_login(parts), headers)


def without_login(address: SplitResult) -> str:
    """An address without the user and the password in it."""
    return address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()


def proxy_refusal(proxy: Proxy | None) -> AccessDenied:
    """407: the proxy (None where none was named) wants to know who asks, and takes no login of ours. It is
    not asked again, because companies lock accounts after a few tries."""
    named = f"The proxy {proxy.url}" if proxy else "A proxy on the way"
    return AccessDenied(
        f"{named} wants a user name and a password, and takes none that it was given (407). It was asked "
        "once, so that no account is locked.",
        hint="Correct the user name and the password, which stand in front of the host in HTTPS_PROXY, then "
        "run the same command again.",
        code="proxy-refused",
    )


def _proxy_parts(address: str) -> SplitResult:
    with suppress(ValueError):
        parts = urlsplit(address)
        _ = parts.port
        return parts
    # Raised outside any handler: the library's error quotes the password.
    raise UsageError(
        "The proxy settings cannot be read: HTTPS_PROXY (or ALL_PROXY) is no address.",
        hint="Write it as http://proxy.example:3128, with a port up to 65535; write /, #, ? and @ in its "
        "password as %2F, %23, %3F and %40.",
    )


def trust(ca_bundle: Path | None) -> ssl.SSLContext:
    """The system's trust and, besides it, the certificates of a bundle (PEM). Checks are always on.

    Raises UsageError when the bundle cannot be used.
    """
    context = ssl.create_default_context()
    if ca_bundle is not None:
        try:
            context.load_verify_locations(cafile=ca_bundle)
        except (OSError, ValueError) as error:
            reason = "it holds no PEM certificate"
            if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
                reason = error.strerror or "it cannot be read"
            raise UsageError(
                f"The certificates in {ca_bundle} cannot be used: {reason}.",
                hint="BATCHQUAL_CA_BUNDLE names a readable file of PEM certificates.",
            ) from None
    return context
