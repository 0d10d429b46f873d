"""What holds a secret does not show it: in its repr, in that of a copy, in an error or in a traceback."""

from __future__ import annotations

import ast
import base64
import copy
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import SecretStr
from support.house import house
from support.marked import Marks

from batchqual.cli.app import _app
from batchqual.clock import SystemClock
from batchqual.credentials import means_of
from batchqual.errors import BatchqualError
from batchqual.partnercenter import GivenToken, Privileges, ValidationCode, proxy_for
from batchqual.partnercenter.call import Bearer, Call
from batchqual.settings import Settings, load_settings
from batchqual.signin import (
    AppSource,
    Certificate,
    Grant,
    Kept,
    Means,
    Registration,
    Renewing,
    SignedIn,
    UserSource,
    Vault,
    open_store,
    refusal,
    sign_in,
)
from batchqual.signin.certificates import certificate_from
from batchqual.signin.failures import remedies
from batchqual.signin.kept import tokens_in

TENANT: Final = "00000000-0000-4000-8000-0000000000aa"
NOW: Final = datetime(2026, 1, 2, tzinfo=UTC)
VARIABLES: Final = (
    *("ACCESS_TOKEN", "CLIENT_SECRET", "CLIENT_CERTIFICATE_PASSWORD"),
    *("REFRESH_TOKEN",),
)


@pytest.fixture
def marks() -> Marks:
    """The secrets of a test."""
    return Marks()


def environ(marks: Marks) -> dict[str, str]:
    """Variables with a secret in each of those that are for one."""
    secrets = {f"BATCHQUAL_{name}": marks.new(name.lower(), "/+~=") for name in VARIABLES}
    return {**secrets, "BATCHQUAL_TENANT_ID": TENANT, "BATCHQUAL_CLIENT_ID": TENANT}


def registration(means: Means) -> Registration:
    """The registration of some settings."""
    assert means.registration is not None
    return means.registration


def holders(marks: Marks, folder: Path) -> Iterator[tuple[str, object]]:
    """Everything that holds a secret, by its name."""
    settings = load_settings({}, environ=environ(marks))
    means = means_of(settings)
    user = UserSource(registration(means), open_store(folder), "key", SystemClock())
    app = AppSource(registration(means), SystemClock())
    given = GivenToken(marks.new("access"))
    renewing = Renewing(user, SystemClock())
    renewing._dead = None
    yield from {
        "Settings": settings,
        "Means": means,
        "Registration": registration(means),
        "Vault": Vault(credential=SecretStr(marks.new("credential"))),
        "Certificate": Certificate(marks.new("key"), marks.new("public"), NOW),
        "Kept": Kept(marks.new("kept"), "", "agent@contoso.example", NOW, NOW),
        "Grant": Grant(marks.new("granted"), NOW, NOW),
        "SignedIn": SignedIn("agent@contoso.example", marks.new("signed in")),
        "SignIn": sign_in(means, forced="token", clock=SystemClock()),
        "UserSource": user,
        "AppSource": app,
        "Renewing": renewing,
        "GivenToken": given,
        "Privileges": Privileges(renewing, given),
        "ValidationCode": ValidationCode(marks.new("code"), "Contoso", 1, 1),
        "Bearer": Bearer(renewing.token, marks.new("access")),
        "Call": call(marks),
    }.items()


def call(marks: Marks) -> Call:
    """A call with a secret in each place that may have one."""
    code, token = marks.new("validation code"), marks.new("access")
    return Call(
        "POST",
        "/v1/customers",
        "customers",
        "an id",
        query=(("code", code),),
        body=code.encode(),
        headers=(("MS-ContinuationToken", marks.new("continuation")),),
        masks=((code, "•••"), (token, "•••")),
        bearer=Bearer(token=token),
    )


def test_nothing_shows_the_secret_that_it_holds(marks: Marks, tmp_path: Path) -> None:
    """repr, str and format, of the thing itself, in a list, and of a copy."""
    shown = []
    for name, one in holders(marks, tmp_path):
        text = f"{one!r} {one} {[one]} {copy.copy(one)!r}"
        shown += [str(leak) for leak in marks.leaks(text.encode(), name)]
    assert [] == shown


async def test_a_renewed_token_is_not_shown_by_its_provider(marks: Marks) -> None:
    """Nor by what it keeps inside."""

    class Source:
        def acquire(self) -> Grant:
            return Grant(marks.new("granted"), NOW, datetime(2100, 1, 1, tzinfo=UTC))

    provider = Renewing(Source(), SystemClock())
    assert await provider.token() in marks.values
    assert [] == marks.leaks(f"{provider!r} {provider._held!r}".encode(), "Renewing")


def test_settings_as_json_hide_secrets(marks: Marks) -> None:
    """Where somebody dumps them."""
    settings = load_settings({}, environ=environ(marks))
    assert [] == marks.leaks(settings.model_dump_json(exclude={"map"}).encode(), "JSON")
    assert [] == marks.leaks(repr(settings.model_dump()).encode(), "a dump")


def test_a_certificate_in_place_of_its_path_is_not_shown(marks: Marks) -> None:
    """Whoever pastes it has put a private key into the settings."""
    pem = f"-----BEGIN PRIVATE KEY-----\n{marks.new('key')}\n-----END PRIVATE KEY-----\n"
    settings = load_settings({}, environ={"BATCHQUAL_CLIENT_CERTIFICATE": pem})
    assert [] == marks.leaks(repr(settings).encode(), "Settings")


@pytest.mark.parametrize(
    "address",
    [
        "http://contoso:{}@proxy.contoso.example:8080",
        "contoso:{}@proxy.contoso.example:8080",
        "http://contoso:{}/@proxy.contoso.example:8080",
        "http://contoso:{}#@proxy.contoso.example:8080",
        "http://contoso:{}?@proxy.contoso.example:8080",
        "http://contoso:{}@b@proxy.contoso.example:8080",
        "socks5://contoso:{}@proxy.contoso.example:8080",
    ],
)
def test_a_proxy_never_shows_its_password(
    marks: Marks, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Also where the address is not well formed, because somebody did not escape the password."""
    password = marks.new("proxy")
    monkeypatch.setenv("HTTPS_PROXY", address.format(password))
    try:
        proxy = proxy_for("https://api.contoso.example")
    except BatchqualError as told:
        shown = everything_of(told)
    else:
        shown = f"{proxy!r} {proxy.url if proxy else ''}"
    assert [] == marks.leaks(shown.encode(), "Proxy")


def everything_of(error: BaseException | None) -> str:
    """An error as it is shown, and as those see it who go behind it: each of the chain, suppressed or not."""
    if error is None:
        return ""
    own = f"{error!r} {error} {error.args} {vars(error)} {''.join(traceback.format_exception(error))}"
    return f"{own} {everything_of(error.__cause__)} {everything_of(error.__context__)}"


def failures(marks: Marks) -> Iterator[tuple[str, Any]]:
    """What fails with a secret in its hands, by its name."""
    secrets = environ(marks)
    secret = marks.new("secret", "'\"")
    document = f'{{"version": 1, "tokens": {{"key": {{"refresh_token": "{marks.new("kept")}"}}}}'
    unsigned = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}
    yield "settings", lambda: load_settings({}, environ={**secrets, "BATCHQUAL_RATE": "0"})
    yield (
        "settings that contradict each other",
        lambda: load_settings(
            {}, environ={**secrets, "BATCHQUAL_POLL_MIN": "2h", "BATCHQUAL_POLL_MAX": "1h"}
        ),
    )
    yield (
        "half a registration",
        lambda: means_of(load_settings({}, environ={**secrets, "BATCHQUAL_TENANT_ID": ""})),
    )
    yield "a token that is none", lambda: GivenToken(f"{secret} {secret}")
    yield "a document of tokens", lambda: tokens_in(document, "the file")
    yield "another document", lambda: tokens_in(f"{document}}}", "the file")
    yield (
        "a key",
        lambda: certificate_from(f"-----BEGIN PRIVATE KEY-----\n{secret}".encode(), secret, "app.pem"),
    )
    yield "a PFX", lambda: certificate_from(secret.encode(), secret, "app.pfx")
    yield (
        "an address with a password",
        lambda: means_of(
            load_settings(
                {}, environ={**secrets, "BATCHQUAL_AUTHORITY": f"https://user:{secret}@contoso.example"}
            )
        ),
    )

    def refused() -> None:
        raise refusal(unsigned, remedies(stored=True, secret=True, certificate=False))

    yield "a refusal", refused


@pytest.mark.parametrize("number", range(10))
def test_an_error_holds_no_secret(marks: Marks, number: int) -> None:
    """Neither in its words nor behind them, where tools that collect errors look."""
    name, fail = list(failures(marks))[number]
    with pytest.raises(BatchqualError) as caught:
        fail()
    assert [] == marks.leaks(everything_of(caught.value).encode(), name)


def test_tracebacks_show_no_locals() -> None:
    """rich and typer would print what stands in each frame, and with it every secret of a run."""
    assert not _app().pretty_exceptions_enable
    offenders = [
        one.name
        for one in house()
        for node in ast.walk(one.tree)
        if (isinstance(node, ast.keyword) and node.arg in {"show_locals", "capture_locals"})
        or (isinstance(node, ast.Attribute) and ast.unparse(node) in {"traceback.install", "cgitb.enable"})
    ]
    assert [] == offenders


def test_nothing_is_pickled() -> None:
    """A pickle of what holds a secret holds it too: no module makes one."""
    makers = {"pickle", "shelve", "marshal", "copyreg", "multiprocessing", "concurrent"}
    offenders = [
        (one.name, ast.unparse(node))
        for one in house()
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
        if name.split(".")[0] in makers
    ]
    assert [] == offenders


def test_the_search_would_see_a_repr_that_tells(marks: Marks) -> None:
    """As a dataclass has it that was not told otherwise, and in base64 as in a header."""
    secret = marks.new("secret")
    assert marks.leaks(repr(Settings(client_id=secret)).encode(), "here")
    assert marks.leaks(base64.b64encode(f"user:{secret}".encode()), "here")
