"""Values in Azure Key Vault, by azure's own client, against a vault that speaks TLS and challenges."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from support.replay_server import canned, replaying
from support.sign_in_server import SignInServer, sign_in_server

from batchqual.errors import SignInNeeded, UsageError
from batchqual.signin.vault import Vault, VaultReference

ROOT = Path(__file__).parents[2]
READER = """
import sys
from pathlib import Path
from batchqual.errors import SignInNeeded
from batchqual.signin.vault import Vault, vault_reference
try:
    Vault(ca_bundle=Path(sys.argv[1])).read(vault_reference(sys.argv[2]))
except SignInNeeded as told:
    sys.stdout.write(told.message)
"""

BEARER = "bearer-of-the-machine"
SECRET = "0.AXrefresh-token-of-contoso"
NEW = "0.AXanother-refresh-token"


class Identity:
    """A credential that has its token, or none."""

    def __init__(self, token: str | None = BEARER) -> None:
        self.token = token
        self.scopes: list[str] = []

    def get_token(self, *scopes: str, **_how: object) -> AccessToken:
        """What azure asks for."""
        self.scopes.extend(scopes)
        if self.token is None:
            raise ClientAuthenticationError(f"no token, and no {SECRET}")
        return AccessToken(self.token, int(time.time()) + 3600)


@pytest.fixture
def server() -> Iterator[SignInServer]:
    """It holds one secret. Azure's client wants to hear the domain that its host belongs to."""
    with sign_in_server() as running:
        running.vault.resource = f"https://0.0.1:{running.url.rpartition(':')[2]}"
        running.vault.bearers.add(BEARER)
        running.vault.put("refresh-token", SECRET)
        yield running


@pytest.fixture
def reference(server: SignInServer) -> VaultReference:
    return VaultReference(f"127.0.0.1:{server.url.rpartition(':')[2]}", "refresh-token")


def vault(server: SignInServer, identity: Identity | None = None) -> Vault:
    return Vault(ca_bundle=server.ca_bundle, credential=identity or Identity())


def test_the_newest_value_is_read_and_replaced(server: SignInServer, reference: VaultReference) -> None:
    """With a token for the domain that the vault named, which is sent for nothing else."""
    identity = Identity()
    door = vault(server, identity)
    assert SECRET == door.read(reference)
    door.write(reference, NEW)
    assert (NEW, NEW) == (server.vault.value("refresh-token"), door.read(reference))
    assert {f"{server.vault.resource}/.default"} == set(identity.scopes)


def test_a_name_alone_means_the_clouds_domain(server: SignInServer, reference: VaultReference) -> None:
    """``suffix`` is that domain."""
    name, _, suffix = reference.vault.partition(".")
    door = Vault(suffix=suffix, ca_bundle=server.ca_bundle, credential=Identity())
    # "127" is no vault's name, and the rest of the address no cloud: but together they are this server
    assert SECRET == door.read(VaultReference(name, "refresh-token"))


def test_neither_token_nor_value_is_logged(
    server: SignInServer,
    reference: VaultReference,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Even where everything is logged; nor is anything printed."""
    with caplog.at_level(logging.DEBUG):
        door = vault(server)
        door.read(reference)
        door.write(reference, NEW)
    assert "azure" in {record.name.partition(".")[0] for record in caplog.records}
    for word in (SECRET, NEW, BEARER):
        assert word not in caplog.text
    assert ("", "") == tuple(capfd.readouterr())


def test_no_identity_says_who_has_to_do_what(server: SignInServer, reference: VaultReference) -> None:
    """And quotes nothing."""
    with pytest.raises(SignInNeeded, match="No Azure identity of this machine can sign in") as told:
        vault(server, Identity(None)).read(reference)
    assert "Run `az login` as this account" in told.value.hint
    assert (12, "vault") == (told.value.exit_code, told.value.code)
    assert SECRET not in str(told.value)


def test_the_default_identity_is_looked_for(server: SignInServer, reference: VaultReference) -> None:
    """As azure-identity does; on a machine without any only that is said, and azure's warnings are not."""
    found = subprocess.run(
        [sys.executable, "-c", READER, str(server.ca_bundle), str(reference)],
        env=os.environ
        | {"AZURE_TOKEN_CREDENTIALS": "AzureCliCredential", "PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    words = f"No Azure identity of this machine can sign in to the key vault {reference.vault}."
    assert (words, "") == (found.stdout, found.stderr)


def test_variables_that_describe_no_identity_are_told(
    server: SignInServer, reference: VaultReference, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without quoting one."""
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "word-of-mouth")
    with pytest.raises(UsageError, match="do not describe an Azure identity") as told:
        Vault(ca_bundle=server.ca_bundle).read(reference)
    assert "word-of-mouth" not in told.value.message + told.value.hint


def test_an_identity_that_may_not_is_told_its_role(server: SignInServer, reference: VaultReference) -> None:
    """One role for reading and writing, another for reading alone."""
    server.vault.refuses = True
    for act in (lambda: vault(server).read(reference), lambda: vault(server).write(reference, NEW)):
        with pytest.raises(SignInNeeded, match=r"may not use the secret refresh-token .* \(403\)") as told:
            act()
        assert "Key Vault Secrets Officer" in told.value.hint
        assert "Key Vault Secrets User" in told.value.hint
        assert NEW not in f"{told.value!r} {told.value.hint}"


def test_an_identity_that_the_vault_does_not_know_is_told(
    server: SignInServer, reference: VaultReference
) -> None:
    """That of another tenant, say."""
    with pytest.raises(SignInNeeded, match="does not know the Azure identity") as told:
        vault(server, Identity("somebody-else")).read(reference)
    assert "tenant of the vault" in told.value.hint


def test_a_secret_that_is_not_there_is_told(server: SignInServer, reference: VaultReference) -> None:
    """By its name."""
    with pytest.raises(SignInNeeded, match=f"{reference.vault} has no secret other"):
        vault(server).read(VaultReference(reference.vault, "other"))


@pytest.mark.parametrize(
    ("answer", "words", "hint"),
    [
        (
            '403 Forbidden {"code": "Forbidden", "innererror": {"code": "ForbiddenByFirewall"}}',
            "firewall",
            "let",
        ),
        ('403 Forbidden {"code": "Forbidden", "innererror": "odd"}', "may not use the secret", "role"),
        ('409 Conflict {"code": "Conflict", "message": "x"}', "was deleted", "recover"),
        ('400 Bad {"code": "BadParameter", "message": "x"}', "answered with status 400", "Try again"),
    ],
)
async def test_what_else_a_vault_says_is_put_in_words(
    tmp_path: Path, answer: str, words: str, hint: str
) -> None:
    """With who has to do what; a body of an odd form is no obstacle."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    status, _, error = answer.partition(" {")
    refusal = canned(status, f'{{"error": {{{error}}}', headers=["Content-Type: application/json"])
    async with replaying(tls=context) as server:
        domain = f"https://0.0.1:{server.port}"
        challenge = f'WWW-Authenticate: Bearer authorization="https://x.example/t", resource="{domain}"'
        server.answers.extend([canned("401 Unauthorized", headers=[challenge]), refusal])
        door = Vault(ca_bundle=tmp_path / "ca.pem", credential=Identity())
        reference = VaultReference(f"127.0.0.1:{server.port}", "refresh-token")
        with pytest.raises(SignInNeeded, match=words) as told:
            await asyncio.to_thread(door.write, reference, NEW)
    assert hint in told.value.hint


def test_an_empty_secret_is_told(server: SignInServer, reference: VaultReference) -> None:
    """It is no token."""
    server.vault.put("refresh-token", "")
    with pytest.raises(SignInNeeded, match="is empty"):
        vault(server).read(reference)


def test_a_vault_of_another_domain_gets_no_token(server: SignInServer, reference: VaultReference) -> None:
    """Whoever asks for a token for something else is not who was meant."""
    server.vault.resource = "https://vault.azure.net"
    identity = Identity()
    with pytest.raises(SignInNeeded, match="does not answer like a key vault of its domain"):
        vault(server, identity).read(reference)
    assert [] == identity.scopes


def test_a_vault_that_cannot_be_reached_is_told(server: SignInServer, reference: VaultReference) -> None:
    """Its certificate is checked: without the bundle it is nobody."""
    with pytest.raises(SignInNeeded, match="cannot be reached") as told:
        Vault(credential=Identity()).read(reference)
    assert "BATCHQUAL_CA_BUNDLE" in told.value.hint
    assert [] == server.vault.requests


def test_a_name_that_does_not_resolve_is_told() -> None:
    """In the same words."""
    with pytest.raises(SignInNeeded, match=r"contoso\.vault\.example cannot be reached"):
        Vault(suffix="vault.example", credential=Identity()).read(VaultReference("contoso", "rt"))


def test_a_bundle_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """Before anybody is asked."""
    with pytest.raises(UsageError, match=r"ca\.pem cannot be used"):
        Vault(ca_bundle=tmp_path / "ca.pem", credential=Identity()).read(VaultReference("contoso", "rt"))


def test_an_entry_in_netrc_does_not_take_the_place_of_the_token(
    server: SignInServer, reference: VaultReference, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """requests would let it."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password word\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    assert SECRET == vault(server).read(reference)
