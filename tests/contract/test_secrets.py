"""No secret in what is said, shown to other processes or written: the program as a process of its own, on
every way on which it holds secrets, and everything that came of it searched afterwards.
"""

from __future__ import annotations

import asyncio
import base64
import html
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from sqlite3 import connect
from typing import Any, Final
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from support.command_line import QUICK, sheet
from support.marked import Marks, recording, written
from support.odd_service import Odd, OddService, odd_service
from support.replay_server import Canned, Heard, canned, replaying
from support.searched import CODE, LEDGER, Stage
from support.sheets import customer
from support.sign_in_faults import (
    HTML,
    RESET_BEFORE,
    TRUNCATED,
    Answer,
    broken,
    invalid_client,
    invalid_grant,
    refused,
)
from support.sign_in_server import APP, DESKTOP, ClientCertificate, sign_in_server
from support.sign_in_values import Form

from batchqual.simulator import Simulator, SimulatorSettings, serve_in_thread

EVERYTHING_LOGGED: Final = {"MARKED_LOGGING": "yes", "PYTHONWARNINGS": "default"}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Everybody who holds a secret, and the first marks."""
    marks = Marks()
    with sign_in_server() as server:
        recording(server, marks)
        secret = marks.new("client-secret", "~.'\"\\")
        server.register(APP, secret=secret)
        yield Stage(tmp_path, marks, server, marks.add(CODE, marks.new("GCC").replace("-GCC-", "-")), secret)


@pytest.fixture
def simulator(stage: Stage) -> Iterator[Simulator]:
    """A Partner Center that looks at tokens and knows the validation code."""
    settings = SimulatorSettings(
        token_claims="mfa", denial_rate=0, vetting_delay=(0.0, 0.0), codes=(f"{stage.code}=50",)
    )
    with serve_in_thread(settings) as running:
        yield running


# Everything goes well


async def test_a_run_with_a_refresh_token_tells_nothing(stage: Stage, simulator: Simulator) -> None:
    """Signing in, submitting, reports of each kind, and what later verbs show of it."""
    environ = stage.unattended(simulator.base_url)
    told: dict[str, Any] = {"environ": environ, "codes": (0,)}
    await stage.run(environ=environ)
    await asyncio.gather(
        stage.both("codes", *LEDGER, **told, voices=["text"]),
        stage.both("status", *LEDGER, **told, voices=["lines"]),
    )
    await asyncio.gather(
        stage.both("report", *LEDGER, "--report", "again.csv", **told, voices=["text"]),
        stage.both("codes", *LEDGER, **told, voices=["lines"]),
    )
    assert {"configured refresh token", "refresh_token given", "access_token given"} <= stage.marks.names
    assert 4 == sum(simulator.books.accepted.values())
    assert [] == stage.leaks


async def test_an_examination_tells_nothing(stage: Stage, simulator: Simulator) -> None:
    """Of everything that there is to sign in with, and by the child that looks as a scheduler would."""
    told: dict[str, Any] = {"environ": stage.unattended(simulator.base_url), "codes": (0, 1, 2, 12)}
    await asyncio.gather(
        stage.both("doctor", **told, voices=["lines"]),
        stage.both("doctor", "--as-scheduled", "--base-url", simulator.base_url, **told, voices=["text"]),
    )
    assert any("-P\0-m\0batchqual" in line for line in stage.accounts["text"].command_lines)
    assert "refresh_token given" in stage.marks.names
    assert [] == stage.leaks


async def test_the_verbs_that_only_look_tell_nothing(stage: Stage, simulator: Simulator) -> None:
    """With a token from outside; a variable whose name is misspelt holds a secret too."""
    environ = stage.outside(simulator.base_url)
    environ["BATCHQUAL_CLIENT_SECERT"] = stage.secret
    given = stage.accounts["text"].given / "customers.csv"
    await asyncio.gather(
        stage.both("check", given, "--report", "check.json", environ=environ, codes=(3,), voices=["text"]),
        stage.both(
            "plan", given, *QUICK, "--report", "plan.csv", environ=environ, codes=(3,), voices=["lines"]
        ),
    )
    await stage.both("customers", "list.csv", environ=environ, codes=(0,), voices=["lines"])
    await stage.both("doctor", environ=environ, codes=(0, 1, 2, 12), voices=["text"])
    assert [] == stage.leaks


async def test_a_person_who_signs_in_tells_nothing(stage: Stage, simulator: Simulator) -> None:
    """Browser and device code, a run with what they brought, and logging out."""
    stage.server.switches.interval = 0
    environ = stage.desktop(simulator.base_url)
    by_code = ("login", "--auth", "device-code")
    await asyncio.gather(
        stage.both("login", environ=environ, codes=(0,), voices=["text"]),
        stage.both(*by_code, environ=environ, codes=(0,), voices=["lines"]),
    )
    assert any("sign_in_browser" in line for line in stage.accounts["text"].command_lines)
    await stage.run(environ=environ)
    assert [] == stage.leaks
    await stage.both("logout", environ=environ, codes=(0,))
    given = {"authorization code", "code_verifier shown", "device_code given", "id_token given"}
    assert given <= stage.marks.names
    assert [] == stage.leaks


async def test_a_certificate_tells_nothing(stage: Stage, simulator: Simulator) -> None:
    """Its key, its password, and the assertion that it signs."""
    environ = with_certificate(stage, simulator.base_url)
    wrong = {"BATCHQUAL_CLIENT_CERTIFICATE_PASSWORD": stage.marks.new("wrong-password", ' "/\\ü')}
    await asyncio.gather(
        stage.run(environ=environ, voices=["text"]),
        stage.both("codes", environ=environ | wrong, codes=(2, 12), voices=["lines"]),
    )
    assert "client_assertion shown" in stage.marks.names
    assert [] == stage.leaks


def with_certificate(stage: Stage, base_url: str) -> dict[str, str]:
    """Variables of an account whose app has a certificate in place of the secret."""
    certificate = ClientCertificate()
    stage.marks.add_key("private key", certificate.private_key)
    stage.server.register(APP, certificate=certificate.certificate)
    password = stage.marks.new("certificate-password", ' "/\\+ü')
    key = serialization.load_pem_private_key(certificate.private_key.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    public = x509.load_pem_x509_certificate(certificate.certificate.encode())
    encryption = serialization.BestAvailableEncryption(password.encode())
    path = stage.folder / "app.pfx"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"app", key, public, None, encryption))
    environ = stage.unattended(base_url) | {
        "BATCHQUAL_CLIENT_CERTIFICATE": str(path),
        "BATCHQUAL_CLIENT_CERTIFICATE_PASSWORD": password,
    }
    del environ["BATCHQUAL_CLIENT_SECRET"]
    return environ


async def test_a_vault_tells_nothing(stage: Stage, simulator: Simulator) -> None:
    """The values that stand in it, those that go back there, and the token of the machine that opens it."""
    async with with_vault(stage, simulator.base_url) as environ:
        before = stage.server.vault.value("refresh-token")
        await stage.run(environ=environ, voices=["text"])
        assert before != stage.server.vault.value("refresh-token")
    assert [] == stage.leaks


@asynccontextmanager
async def with_vault(stage: Stage, base_url: str) -> AsyncIterator[dict[str, str]]:
    """Variables of an account whose secrets stand in a vault, opened by the machine's own identity."""
    host = f"127.0.0.1:{stage.server.url.rpartition(':')[2]}"
    vault = stage.server.vault
    vault.resource = f"https://0.0.1:{host.rpartition(':')[2]}"
    bearer = stage.marks.new("token-of-the-machine")
    vault.bearers.add(bearer)
    environ = stage.unattended(base_url)
    vault.put("refresh-token", environ["BATCHQUAL_REFRESH_TOKEN"])
    vault.put("client-secret", stage.secret)
    told = {
        "access_token": bearer,
        "expires_on": "4102444800",
        "resource": vault.resource,
        "token_type": "Bearer",
    }
    async with replaying(
        canned(body=json.dumps(told), headers=["Content-Type: application/json"])
    ) as identity:
        yield environ | {
            "BATCHQUAL_REFRESH_TOKEN": f"keyvault://{host}/refresh-token",
            "BATCHQUAL_CLIENT_SECRET": f"keyvault://{host}/client-secret",
            "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
            "IDENTITY_ENDPOINT": f"{identity.url}/token",
            "IDENTITY_HEADER": stage.marks.new("identity-header"),
        }


# The sign-in service has troubles


def quoting(form: Form) -> Answer:
    """An answer that repeats what it was shown."""
    shown = [form[name] for name in ("client_secret", "refresh_token", "device_code") if name in form]
    return refused(
        "invalid_client", 7000215, f"Invalid client secret provided: {' and '.join(shown)}.", status=401
    )


async def test_a_refused_sign_in_tells_nothing(stage: Stage, simulator: Simulator) -> None:
    """Expired, or the app's secret has; and troubles that pass."""
    environ = stage.unattended(simulator.base_url)
    for fault, voice in ((invalid_grant(), "text"), (invalid_client(), "lines")):
        stage.server.fail_next(*[fault] * 20)
        await stage.run(environ=environ, codes=(12,), voices=[voice])
        stage.server.desk.faults.clear()
    stage.server.fail_next(broken(), HTML, TRUNCATED, RESET_BEFORE)
    await stage.run(environ=environ)
    assert [] == stage.leaks


async def test_a_sign_in_service_that_quotes_what_it_was_shown(stage: Stage, simulator: Simulator) -> None:
    """Neither the report, nor the ledger, nor the words repeat it."""
    environ = stage.unattended(simulator.base_url)
    vars(stage.server.desk)["token"] = quoting
    await stage.run(environ=environ, codes=(12,))
    assert [] == stage.leaks


async def test_a_declined_login_tells_nothing(stage: Stage) -> None:
    """In the browser and by device code."""
    stage.server.switches.declines = True
    await asyncio.gather(
        stage.both("login", environ=stage.desktop(), codes=(12,), voices=["text"]),
        stage.both("login", "--auth", "device-code", environ=stage.desktop(), codes=(12,), voices=["lines"]),
    )
    assert "device_code given" in stage.marks.names
    assert [] == stage.leaks


# Partner Center has troubles


@pytest.mark.parametrize(
    ("knobs", "code", "voice"),
    [
        pytest.param({"tokens": frozenset({"another"})}, 12, "text", id="401"),
        pytest.param({"mfa_missing": True}, 12, "lines", id="401-900421"),
        pytest.param({"refusals": ("fetch=403/900149",)}, 13, "text", id="403"),
    ],
)
async def test_a_token_that_is_refused_is_not_told(
    stage: Stage, knobs: dict[str, Any], code: int, voice: str
) -> None:
    """401 with and without the code for MFA, and 403."""
    with serve_in_thread(SimulatorSettings(**knobs)) as simulator:
        await stage.run(environ=stage.outside(simulator.base_url), codes=(code,), voices=[voice])
    assert [] == stage.leaks


def quotes(token: str, code: str) -> list[Canned]:
    """Answers to a submission, each of which repeats the token and the code in its own way."""
    both = f"Authorization: Bearer {token}; validationCode={code}"
    encoded = f"{quote(token, safe='')} {quote(code, safe='')}"

    def error(said: str, number: str = "400000") -> Canned:
        return canned("400 Bad Request", json.dumps({"code": number, "description": said}))

    return [
        error(f"With its names: {both}"),
        error(f"Word by word: {token} {code}"),
        error(f"{'Cut off in the middle. ' * 35}{token}"),
        error(f"URL-encoded: /v1/customers?authorization={encoded}"),
        error("As the code of the error.", number=token),
        canned("400 Bad Request", json.dumps({"description": f"Escaped: {token}"}).replace("/", "\\/")),
        canned("502 Bad Gateway", f"<pre>As HTML: {html.escape(both)}</pre>"),
        canned(f"400 As the reason {token}"),
    ]


async def test_a_service_that_quotes_what_it_was_shown(stage: Stage) -> None:
    """Neither the report, nor the ledger, nor the log repeats it, whatever became of its form."""
    async with odd_service() as service:
        environ = knows_the_code(stage, service)
        answers = quotes(environ["BATCHQUAL_ACCESS_TOKEN"], stage.code)
        for account in stage.accounts.values():
            rows = [(customer(n), "Contoso Hall", "GCC", "", stage.code) for n in range(len(answers))]
            sheet(account.given, 0, extra=rows)

        async def choose(heard: Heard) -> None:
            [number] = [n for n in range(len(answers)) if customer(n) in heard.line]
            service.script = [Odd(answers[number], takes=False)]

        service.on_submission = choose
        await stage.run("--max-failures", "100%", environ=environ)
        assert len(answers) <= len({heard.line for heard in service.submissions})
    assert [] == stage.leaks


@pytest.mark.parametrize(("status", "code"), [("401 900421", 12), ("403 900149", 13)])
async def test_a_service_that_quotes_the_token_and_ends_the_run(stage: Stage, status: str, code: int) -> None:
    """The run's own error is in every report."""
    number, _, its = status.partition(" ")
    async with odd_service() as service:
        environ = knows_the_code(stage, service)
        said = {"code": its, "description": f"No: Bearer {environ['BATCHQUAL_ACCESS_TOKEN']}"}
        service.nothing = canned(f"{number} No", json.dumps(said))
        await stage.run(environ=environ, codes=(code,), voices=["lines"])
    assert [] == stage.leaks


async def test_an_older_api_that_quotes_the_token_and_says_yes(stage: Stage) -> None:
    """A 2xx with words of refusal."""
    async with odd_service(sync=True) as service:
        environ = knows_the_code(stage, service)
        said = json.dumps(f"Customer tagging denied for Bearer {environ['BATCHQUAL_ACCESS_TOKEN']}")
        service.script = [Odd(canned(body=said), takes=False) for _ in range(40)]
        await stage.run("--api", "synchronous", environ=environ, voices=["lines"])
    assert [] == stage.leaks


async def test_a_redirect_gets_no_token(stage: Stage) -> None:
    """It is not followed, and not quoted."""
    async with replaying() as elsewhere, odd_service() as service:
        environ = knows_the_code(stage, service)
        where = f"Location: {elsewhere.url}/?access_token={quote(environ['BATCHQUAL_ACCESS_TOKEN'])}"
        service.script = [Odd(canned("307 Elsewhere", headers=[where]), takes=False) for _ in range(40)]
        # twelve submissions, none of them answered clearly: ten in a row end the run
        await stage.run(environ=environ, codes=(13,), voices=["text"])
        assert service.submissions
        assert [] == elsewhere.heard
    assert [] == stage.leaks


def knows_the_code(stage: Stage, service: OddService) -> dict[str, str]:
    """Variables for a service of a few lines, which lists the validation code."""
    listed = [
        {"validationId": stage.code, "organizationName": "Contoso", "remainingCreates": 50, "maxCreates": 50}
    ]
    service.by_path["/v1/customers/all/validations"] = canned(body=json.dumps(listed))
    return stage.outside(service.url)


# On the way


async def test_a_proxy_that_refuses_and_quotes_tells_nothing(stage: Stage) -> None:
    """On the way to the service and to the sign-in service; its password is nowhere, in base64 neither."""
    password = stage.marks.new("proxy-password", "!:+")
    no = canned("407 Proxy Authentication Required", f"No: contoso:{password}", close=True)
    async with replaying(no) as proxy, replaying(no) as other:
        environ = {
            **stage.unattended("https://api.contoso.example"),
            "BATCHQUAL_AUTHORITY": "https://login.contoso.example",
            "HTTPS_PROXY": f"http://contoso:{quote(password)}@127.0.0.1:{proxy.port}",
        }
        by_token = {
            **stage.outside("https://api.contoso.example"),
            "HTTPS_PROXY": f"http://contoso:{quote(password)}@127.0.0.1:{other.port}",
        }
        sheet = stage.accounts["text"].given / "customers.csv"
        await asyncio.gather(
            stage.both("doctor", environ=environ, codes=(13,), voices=["text"]),
            stage.both("login", "--auth", "device-code", environ=environ, codes=(13,), voices=["lines"]),
            stage.both("run", sheet, "--yes", *LEDGER, environ=by_token, codes=(13,), voices=["text"]),
        )
        assert [2, 1] == [len(proxy.heard), len(other.heard)]
        assert all(one.header("Proxy-Authorization") for one in (*proxy.heard, *other.heard))
    assert [] == stage.leaks


async def test_a_run_that_is_killed_leaves_nothing_behind(stage: Stage, simulator: Simulator) -> None:
    """kill -9 in the middle of submitting: ledger, its journal, and half-written files."""
    environ = stage.unattended(simulator.base_url)
    account = stage.accounts["lines"]
    done = await account(*stage.line("lines"), environ=environ, kill=lambda: simulator.books.total > 2)
    assert done.exit_code
    assert list(account.work.glob("ledger.sqlite3*"))
    assert [] == stage.leaks


# Mistakes of people, and of ours


async def test_secrets_in_the_wrong_place_are_not_repeated(stage: Stage) -> None:
    """On the command line, in a settings file, and a certificate itself in place of its path."""
    certificate = ClientCertificate()
    key = stage.marks.add_key("private key", certificate.private_key)
    environ = stage.desktop("https://api.contoso.example")
    pasted = {"BATCHQUAL_CLIENT_ID": APP, "BATCHQUAL_CLIENT_CERTIFICATE": key + certificate.certificate}
    settings = stage.folder / "batchqual.toml"
    settings.write_text(f"client_secret = '''{stage.secret}'''\n", encoding="utf-8")
    typed = stage.marks.new("typed-secret")
    await asyncio.gather(
        stage.both("codes", environ=environ | pasted, codes=(2, 12), voices=["text"]),
        stage.both("codes", "--config", settings, environ=environ, codes=(2,), voices=["lines"]),
    )
    account = stage.accounts["text"]
    done = await account("run", "customers.csv", "--client-secret", typed)
    assert 2 == done.exit_code
    # whoever types it has shown it himself
    account.command_lines = {line for line in account.command_lines if typed not in line}
    assert [] == stage.leaks


#: What goes wrong inside of it, and what the error quotes: a request as the libraries show it.
DEFECTS: Final = {
    "plain": """
import requests.adapters
def send(self, request, *args, **more):
    raise RuntimeError("no idea")
requests.adapters.HTTPAdapter.send = send
""",
    "body": """
import requests.adapters
def send(self, request, *args, **more):
    if request.method == "POST":
        raise RuntimeError(f"cannot send {request.body} to {request.url}")
    return sent(self, request, *args, **more)
sent, requests.adapters.HTTPAdapter.send = requests.adapters.HTTPAdapter.send, send
""",
    "mapping": """
import requests.adapters, urllib.parse
def send(self, request, *args, **more):
    if request.method == "POST":
        raise RuntimeError(f"cannot send {dict(urllib.parse.parse_qsl(request.body))}")
    return sent(self, request, *args, **more)
sent, requests.adapters.HTTPAdapter.send = requests.adapters.HTTPAdapter.send, send
""",
    "headers": """
import aiohttp
async def _request(self, *args, **more):
    raise RuntimeError(f"cannot send {args} {more}")
aiohttp.ClientSession._request = _request
""",
}


@pytest.mark.parametrize("defect", DEFECTS)
async def test_a_crash_tells_nothing(stage: Stage, simulator: Simulator, defect: str) -> None:
    """The words, and the log with its traceback; frames are shown without what stands in them."""
    environ = stage.unattended(simulator.base_url) | {"MARKED_FIRST": DEFECTS[defect]}
    [done] = await stage.run(environ=environ, codes=(1,), voices=["lines"])
    assert "nobody foresaw" in done.err
    [log] = stage.accounts["lines"].home.rglob("crash-*.log")
    assert "Traceback" in log.read_text(encoding="utf-8")
    assert [] == stage.leaks


@pytest.mark.parametrize("defect", ["body", "mapping"])
async def test_a_crash_while_a_person_signs_in_tells_nothing(stage: Stage, defect: str) -> None:
    """Code, verifier and device code are in what is being sent. They are marked by their names, for the
    service never hears of them."""
    environ = stage.desktop() | {"MARKED_FIRST": DEFECTS[defect]}
    await stage.both("login", environ=environ, codes=(1,), voices=["text"])
    [log] = stage.accounts["text"].home.rglob("crash-*.log")
    [said] = [line for line in log.read_text(encoding="utf-8").splitlines() if "cannot send" in line]
    verifier = re.search(r"code_verifier\W+([\w.~-]{43,128})", said)
    assert verifier is None, f"the verifier is in {said}"
    assert "authorization code" in stage.marks.names
    assert [] == stage.leaks


# The libraries talk


async def test_libraries_that_log_everything_tell_nothing(stage: Stage, simulator: Simulator) -> None:
    """The root logger at DEBUG, and warnings on: msal, azure, urllib3, asyncio, keyring."""
    stage.server.switches.interval = 0
    loud = stage.desktop(simulator.base_url) | EVERYTHING_LOGGED
    by_code = ("login", "--auth", "device-code")
    # without a secret the vault is asked before msal was ever needed
    token = stage.marks.add("configured refresh token", stage.server.desk.new_refresh_token(DESKTOP))
    public = {"BATCHQUAL_CLIENT_ID": DESKTOP, "BATCHQUAL_CLIENT_SECRET": ""}
    async with with_vault(stage, simulator.base_url) as environ:
        stage.server.vault.put("refresh-token", token)
        [done], *_ = await asyncio.gather(
            stage.run(environ=environ | public | EVERYTHING_LOGGED, voices=["lines"]),
            stage.both("login", environ=loud, codes=(0,), voices=["text"]),
        )
    await stage.both(*by_code, environ=loud, codes=(0,), voices=["text"])
    assert "DEBUG:urllib3" in done.err
    assert "INFO:azure" in done.err
    assert [] == stage.leaks


# The search itself


LEAKS: Final = {
    "a log line": """
import base64
import batchqual.overview
from batchqual.cli import console
async def codes(settings, **more):
    token = settings.access_token.get_secret_value()
    console.talk("proxy: " + base64.b64encode(b"user:" + token.encode()).decode())
    return ()
batchqual.overview.codes = codes
""",
    "a file": """
import tempfile, zipfile
import batchqual.overview
async def codes(settings, **more):
    with zipfile.ZipFile(tempfile.mkstemp()[1], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("note.txt", settings.access_token.get_secret_value() * 3)
    return ()
batchqual.overview.codes = codes
""",
    "a command line": """
import subprocess, sys
import batchqual.overview
async def codes(settings, **more):
    token = settings.access_token.get_secret_value()
    subprocess.run([sys.executable, "-c", "input()", token], stdin=subprocess.PIPE).check_returncode()
batchqual.overview.codes = codes
""",
}


@pytest.mark.parametrize(
    ("what", "place"),
    [("a log line", "standard error"), ("a file", "note.txt"), ("a command line", "command line")],
)
async def test_a_leak_that_was_planted_is_found(stage: Stage, what: str, place: str) -> None:
    """In disguise on standard error, in an archive, and in the command line of a child."""
    environ = stage.outside("http://127.0.0.1:1") | {"MARKED_FIRST": LEAKS[what]}
    account = stage.accounts["text"]
    # the child waits for its standard input, which ends with its parent
    seen = (lambda: any("input()" in line for line in account.command_lines)) if "line" in place else None
    done = await account("codes", environ=environ, kill=seen)
    assert seen or not done.exit_code
    assert any(place in leak and "outside-token" in leak for leak in stage.leaks)


async def test_a_mask_that_was_taken_off_is_found(stage: Stage) -> None:
    """In report, ledger and log, where only what is done to each answer keeps it from."""
    unmasked = "import batchqual.partnercenter.judge as its\nits._without_token = lambda token, reply: reply"
    async with odd_service() as service:
        environ = knows_the_code(stage, service) | {"MARKED_FIRST": unmasked}
        said = {"code": "400000", "description": f"No: Bearer {environ['BATCHQUAL_ACCESS_TOKEN']}"}
        service.script = [Odd(canned("400 No", json.dumps(said)), takes=False) for _ in range(40)]
        await stage.run(environ=environ, codes=(3, 13), voices=["lines"])
    for place in ("out.csv", "out.json", "ledger.sqlite3"):
        assert any(place in leak for leak in stage.leaks), place


@pytest.mark.parametrize(
    "disguised",
    [
        pytest.param(lambda secret: f"?x={quote(secret, safe='')}&".encode(), id="url"),
        pytest.param(lambda secret: json.dumps({"x": secret}).encode(), id="json"),
        pytest.param(lambda secret: html.escape(secret).encode(), id="html"),
        pytest.param(lambda secret: repr([secret]).encode(), id="repr"),
        pytest.param(lambda secret: base64.b64encode(f"user:{secret}".encode()), id="basic"),
        pytest.param(lambda secret: base64.urlsafe_b64encode(f"ab{secret}cd".encode()), id="base64url"),
        pytest.param(lambda secret: secret[30:90].encode(), id="piece"),
        pytest.param(lambda secret: secret.encode().hex().encode(), id="hex"),
    ],
)
def test_a_disguise_is_seen_through(disguised: Callable[[str], bytes]) -> None:
    """Each by itself, in the middle of other things; what is near it is no leak."""
    marks = Marks()
    secret = marks.new("secret", "~'\"\\ /+é" * 8)
    assert marks.leaks(b"before " + disguised(secret) + b" behind", "here")
    assert [] == marks.leaks(b"before " + disguised(Marks().new("secret", "~'\"\\ /+é")) + b" behind", "here")


def test_a_database_is_searched_with_its_journal(tmp_path: Path) -> None:
    """What is not in the file yet is in the one beside it."""
    marks = Marks()
    with closing(connect(tmp_path / "book.sqlite3")) as book:
        book.execute("pragma journal_mode = wal")
        book.execute("create table notes (text)")
        book.execute("pragma wal_checkpoint(truncate)")
        book.execute("insert into notes values (?)", (marks.new("secret"),))
        book.commit()
        found = {place for _, place, content in written(tmp_path) if marks.leaks(content, place)}
    assert {"book.sqlite3-wal"} == found
