"""Addresses, proxies and trust."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from batchqual.errors import UsageError
from batchqual.partnercenter import check_base_url, is_loopback
from batchqual.partnercenter.address import Proxy, proxy_for, trust

SERVICE = "https://api.partnercenter.example"


@pytest.mark.parametrize(
    ("url", "spelling"),
    [
        pytest.param("https://api.partnercenter.example", SERVICE, id="plain"),
        pytest.param(" HTTPS://API.PartnerCenter.example:443/ ", SERVICE, id="case, port, slash"),
        pytest.param("https://api.partnercenter.example./v1/", SERVICE, id="with the version"),
        pytest.param("https://gate.example:8443/pc/", "https://gate.example:8443/pc", id="prefix"),
        pytest.param("http://127.0.0.1:8080", "http://127.0.0.1:8080", id="loopback"),
        pytest.param("http://localhost:80", "http://localhost", id="localhost"),
        pytest.param("http://[::1]:9", "http://[::1]:9", id="IPv6"),
    ],
)
def test_one_spelling(url: str, spelling: str) -> None:
    """Two spellings of an address are one origin, and a spelling is its own."""
    assert spelling == check_base_url(url) == check_base_url(spelling)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://api.partnercenter.example", id="plain http"),
        pytest.param("http://127.0.0.1.example", id="looks like loopback"),
        pytest.param("http://evil.localhost", id="below localhost"),
        pytest.param("ftp://api.partnercenter.example", id="another scheme"),
        pytest.param("api.partnercenter.example", id="no scheme"),
        pytest.param("https://", id="no host"),
        pytest.param("https://user:word@api.partnercenter.example", id="password"),
        pytest.param("https://user@api.partnercenter.example", id="user"),
        pytest.param("https://api.partnercenter.example?x=1", id="query"),
        pytest.param("https://api.partnercenter.example#x", id="fragment"),
        pytest.param("https://api.partnercenter.example:99999", id="port out of range"),
        pytest.param("https://api.partnercenter.example:x", id="port in words"),
        pytest.param("https://api.part ner.example", id="space"),
        pytest.param("https://api.example\\@evil.example", id="backslash"),
        pytest.param("https://[::1", id="half a bracket"),
        pytest.param("https://münchen.example", id="not ascii"),
        pytest.param("", id="nothing"),
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    """With a hint, and without repeating a password."""
    with pytest.raises(UsageError) as caught:
        check_base_url(url)
    assert "https://" in caught.value.hint
    assert "word" not in caught.value.message.replace("password", "")


def test_loopback() -> None:
    """This machine, and no other."""
    assert is_loopback("http://127.0.0.1:1")
    assert is_loopback("https://localhost")
    assert not is_loopback(SERVICE)


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        pytest.param({}, None, id="none"),
        pytest.param(
            {"HTTPS_PROXY": "http://proxy.example:3128"}, Proxy("http://proxy.example:3128"), id="https"
        ),
        pytest.param(
            {"ALL_PROXY": "proxy.example:3128"}, Proxy("http://proxy.example:3128"), id="all, no scheme"
        ),
        pytest.param(
            {"HTTPS_PROXY": "http://me:p%40ss@proxy.example:3128"},
            Proxy("http://proxy.example:3128", {"Proxy-Authorization": "Basic bWU6cEBzcw=="}),
            id="with a login",
        ),
        pytest.param(
            {"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": ".partnercenter.example"}, None, id="excepted"
        ),
        pytest.param({"HTTP_PROXY": "http://proxy.example"}, None, id="for http alone"),
    ],
)
def test_proxies(variables: dict[str, str], proxy: Proxy | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual variables are honoured."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy == proxy_for(SERVICE)


def test_a_proxy_is_never_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rehearsal works behind any proxy."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    assert proxy_for("http://127.0.0.1:8080") is None


def test_a_proxy_s_password_does_not_show() -> None:
    """Neither in its address nor in its repr."""
    assert "bWU6" not in repr(Proxy("http://proxy.example", {"Proxy-Authorization": "Basic bWU6cEBzcw=="}))


def test_a_socks_proxy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot be used, and going around it in silence would be worse."""
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.example")
    with pytest.raises(UsageError, match="socks5"):
        proxy_for(SERVICE)


def test_checks_are_always_on() -> None:
    """Certificate and name, with a bundle and without."""
    context = trust(None)
    assert ssl.CERT_REQUIRED is context.verify_mode
    assert context.check_hostname


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(None, "No such file", id="missing"),
        pytest.param(b"", "no PEM certificate", id="empty"),
        pytest.param(b"\x00\x01", "no PEM certificate", id="not PEM"),
    ],
)
def test_a_bundle_that_cannot_be_used(content: bytes | None, reason: str, tmp_path: Path) -> None:
    """Wrong usage, said before anything is sent."""
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_bytes(content)
    with pytest.raises(UsageError, match=reason) as caught:
        trust(bundle)
    assert "BATCHQUAL_CA_BUNDLE" in caught.value.hint


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:99999", "http://proxy.example:port", "http://me:se/cret@[x", "[::1"]
)
def test_a_proxy_that_is_no_address_is_told_by_its_variable(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With how to write it, and without what may be its password."""
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(UsageError, match="HTTPS_PROXY") as caught:
        proxy_for(SERVICE)
    assert "cret" not in caught.value.message + caught.value.hint
    assert "http://proxy.example:3128" in caught.value.hint
