"""How a setting refers to a value in Azure Key Vault."""

from __future__ import annotations

import sys

import pytest

from batchqual.errors import UsageError
from batchqual.signin.vault import Vault, VaultReference, vault_reference


@pytest.mark.parametrize(
    ("text", "vault", "name"),
    [
        ("keyvault://contoso/refresh-token", "contoso", "refresh-token"),
        ("  KeyVault://Contoso-1/RT1\n", "Contoso-1", "RT1"),
        ("keyvault://contoso.vault.azure.cn/rt", "contoso.vault.azure.cn", "rt"),
        ("keyvault://127.0.0.1:8443/rt", "127.0.0.1:8443", "rt"),
        ("keyvault://localhost:8443/rt", "localhost:8443", "rt"),
        (f"keyvault://{'v' * 24}/{'n' * 127}", "v" * 24, "n" * 127),
    ],
)
def test_a_reference_names_a_vault_and_a_secret(text: str, vault: str, name: str) -> None:
    """A name alone, or the whole host."""
    assert VaultReference(vault, name) == vault_reference(text)


def test_a_reference_is_shown_as_it_is_written() -> None:
    """It is no secret."""
    assert "keyvault://contoso/rt" == str(vault_reference("keyvault://contoso/rt"))


@pytest.mark.parametrize(
    "text", ["", "0.AXtoken", "https://contoso.vault.azure.net/secrets/rt", "keyvault:x"]
)
def test_an_ordinary_value_is_none(text: str) -> None:
    """A secret may look like anything else."""
    assert None is vault_reference(text)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("keyvault://", "its vault"),
        ("keyvault:///rt", "its vault"),
        ("keyvault://ab/rt", "its vault"),
        (f"keyvault://{'v' * 25}/rt", "its vault"),
        ("keyvault://con toso/rt", "its vault"),
        ("keyvault://contoso-/rt", "its vault"),
        ("keyvault://1contoso/rt", "its vault"),
        ("keyvault://me:word@contoso.vault.azure.net/rt", "its vault"),
        ("keyvault://contoso.vault.azure.net:port/rt", "its vault"),
        ("keyvault://contoso", "the name of a secret"),
        ("keyvault://contoso/", "the name of a secret"),
        ("keyvault://contoso/refresh_token", "the name of a secret"),
        ("keyvault://contoso/rt/0123", "the name of a secret"),
        ("keyvault://contoso/rt?x=1", "the name of a secret"),
        (f"keyvault://contoso/{'n' * 128}", "the name of a secret"),
    ],
)
def test_a_malformed_reference_is_told_with_an_example(text: str, wrong: str) -> None:
    """The part that is wrong is named, and not quoted; the example is a good one."""
    with pytest.raises(UsageError, match=wrong) as told:
        vault_reference(text)
    example = told.value.hint.removeprefix("Write it like ").removesuffix(".")
    assert isinstance(vault_reference(example), VaultReference)


@pytest.mark.parametrize("package", ["azure.keyvault.secrets", "azure.identity"])
def test_without_the_packages_the_hint_installs_them(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """They are an extra."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match="are not installed") as told:
        Vault().read(VaultReference("contoso", "rt"))
    assert "its extra azure" in told.value.hint
