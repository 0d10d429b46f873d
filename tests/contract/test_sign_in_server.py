"""The sign-in server of the tests, driven by the real msal and a browser: it is the witness for signing in,
and has to be right itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from ssl import create_default_context
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit

import msal
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient
from support.bare_client import QUICK, running
from support.sign_in_faults import (
    HTML,
    RESET_AFTER,
    RESET_BEFORE,
    TRUNCATED,
    TokenFault,
    broken,
    held,
    interaction_required,
    invalid_client,
    invalid_grant,
    slow,
    throttled,
    unavailable,
)
from support.sign_in_server import (
    APP,
    AUDIENCE,
    DESKTOP,
    SECRET,
    TENANT,
    ClientCertificate,
    SignInServer,
    User,
    sign_in_server,
)
from support.sign_in_tokens import decoded

SCOPES = [f"{AUDIENCE}/.default"]
Result = dict[str, Any]


@pytest.fixture
def server() -> Iterator[SignInServer]:
    """A server, fresh for each test."""
    with sign_in_server() as running:
        yield running


def desktop(server: SignInServer) -> Any:
    """msal for the app without a secret."""
    return msal.PublicClientApplication(
        DESKTOP, authority=server.authority, instance_discovery=False, verify=str(server.ca_bundle)
    )


def web_app(server: SignInServer, credential: object = SECRET, client: str = APP) -> Any:
    """msal for an app that proves itself."""
    return msal.ConfidentialClientApplication(
        client,
        client_credential=credential,
        authority=server.authority,
        instance_discovery=False,
        verify=str(server.ca_bundle),
    )


class Listening:
    """Somebody who waits on localhost for the browser to come back."""

    def __init__(self) -> None:
        self.answers: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._hear(urlsplit(self.path).query)

            def do_POST(self) -> None:
                self._hear(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _hear(self, answer: str) -> None:
                outer.answers.append(dict(parse_qsl(answer)))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"You may close this window.")

            def log_message(self, *words: object) -> None:
                """Says nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"


@pytest.fixture
def listening() -> Iterator[Listening]:
    """A redirect URI with somebody behind it."""
    listening = Listening()
    thread = threading.Thread(target=listening.server.serve_forever, args=(0.01,))
    thread.start()
    yield listening
    listening.server.shutdown()
    thread.join()
    listening.server.server_close()


def signed_in(
    server: SignInServer, listening: Listening, client: Any, *, mode: str = "form_post", **changes: str
) -> Result:
    """A whole trip through the browser; ``changes`` are made to msal's flow before the code is redeemed."""
    flow = client.initiate_auth_code_flow(SCOPES, redirect_uri=listening.url, response_mode=mode)
    assert "You may close this window." == server.browse(flow["auth_uri"])
    result: Result = client.acquire_token_by_auth_code_flow({**flow, **changes}, listening.answers[-1])
    return result


def outcome(result: Result) -> str:
    """Whether there is a token, or why not."""
    return "token" if "access_token" in result else str(result["error"])


@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended")
@pytest.mark.parametrize("mode", ["form_post", "query"])
def test_a_person_signs_in_with_a_browser(server: SignInServer, listening: Listening, mode: str) -> None:
    """Code and PKCE give a user's token that shows who, where, for what, and how; msal keeps the account."""
    client = desktop(server)
    result = signed_in(server, listening, client, mode=mode)
    claims = decoded(result["access_token"])
    told = {name: claims[name] for name in ("aud", "tid", "appid", "scp", "upn", "amr")}
    assert told == {
        "aud": AUDIENCE,
        "tid": TENANT,
        "appid": DESKTOP,
        "scp": "user_impersonation",
        "upn": "agent@contoso.example",
        "amr": ["pwd", "mfa"],
    }
    assert 3600 == claims["exp"] - claims["iat"]
    assert [result["access_token"]] == server.user_tokens
    (account,) = client.get_accounts()
    assert "agent@contoso.example" == account["username"]
    assert "token" == outcome(client.acquire_token_silent(SCOPES, account))
    assert ["authorization_code"] == [one.grant for one in server.requests]


def test_another_process_signs_in_with_a_browser_of_its_own(server: SignInServer) -> None:
    """BROWSER opens what msal wants opened, and posts the answer to it; the books here tell of it."""
    program = (
        "import msal, sys; app = msal.PublicClientApplication(sys.argv[1], authority=sys.argv[2], "
        "instance_discovery=False, verify=sys.argv[3]); "
        "print(app.acquire_token_interactive([sys.argv[4]], timeout=60)['access_token'])"
    )
    command = [sys.executable, "-c", program, DESKTOP, server.authority, str(server.ca_bundle), *SCOPES]
    environment = {**os.environ, "BROWSER": server.browser}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert (0, server.user_tokens) == (ended.returncode, ended.stdout.split()), ended.stderr
    assert "form_post" == server.desk.sign_ins[0]["response_mode"]


def test_a_wrong_verifier_gets_no_token(server: SignInServer, listening: Listening) -> None:
    """Who did not start the sign-in cannot finish it; and the code is spent."""
    result = signed_in(server, listening, desktop(server), code_verifier="x" * 43)
    assert ("invalid_grant", [501481]) == (result["error"], result["error_codes"])
    assert [] == server.user_tokens


def test_a_person_may_say_no(server: SignInServer, listening: Listening) -> None:
    """The app hears access_denied, with its state, and asks for no token."""
    server.switches.declines = True
    assert "access_denied" == signed_in(server, listening, desktop(server))["error"]
    assert [] == server.requests


def test_a_stranger_is_sent_nowhere(server: SignInServer) -> None:
    """An unknown app, or another machine to go back to: a page for the person, and no redirect."""
    for address in (f"client_id={APP}&redirect_uri=https://fabrikam.example", "client_id=other"):
        with pytest.raises(HTTPError, match="400"):
            server.browse(f"{server.authority}/oauth2/v2.0/authorize?response_type=code&{address}")


def test_a_device_code_is_polled_until_the_person_is_there(server: SignInServer) -> None:
    """Two polls find nobody, the third a token; msal shows what the person has to type."""
    server.switches.pending, server.switches.interval = 2, 0
    client = desktop(server)
    flow = client.initiate_device_flow(SCOPES)
    assert flow["user_code"] in flow["message"]
    assert "token" == outcome(client.acquire_token_by_device_flow(flow))
    assert ["authorization_pending", "authorization_pending", None] == [one.error for one in server.requests]


@pytest.mark.parametrize(
    ("switch", "error"),
    [
        pytest.param("declines", "authorization_declined", id="declined"),
        pytest.param("code_expires", "expired_token", id="expired"),
    ],
)
def test_a_device_code_may_come_to_nothing(server: SignInServer, switch: str, error: str) -> None:
    """The person says no, or does not come."""
    setattr(server.switches, switch, True)
    client = desktop(server)
    assert error == outcome(client.acquire_token_by_device_flow(client.initiate_device_flow(SCOPES)))


def test_an_app_has_a_token_of_its_own(server: SignInServer) -> None:
    """With roles, without a scope or a user, and without a refresh token."""
    result = web_app(server).acquire_token_for_client(SCOPES)
    claims = decoded(result["access_token"])
    assert (True, False, False) == ("roles" in claims, "scp" in claims, "upn" in claims)
    assert "refresh_token" not in result
    assert ([result["access_token"]], []) == (server.app_tokens, server.user_tokens)


def test_a_certificate_stands_for_a_secret(server: SignInServer) -> None:
    """The assertion that msal signs is checked with the certificate that is registered."""
    own, other = ClientCertificate(), ClientCertificate()
    server.register(APP, certificate=own.certificate)
    outcomes = []
    for key, certificate in ((own, own), (other, other), (other, own)):
        credential = {"private_key": key.private_key, "public_certificate": certificate.certificate}
        outcomes.append(outcome(web_app(server, credential).acquire_token_for_client(SCOPES)))
    assert ["token", "invalid_client", "invalid_client"] == outcomes
    assert {"client_assertion"} == {one.shown for one in server.requests}


@pytest.mark.parametrize(
    ("client", "credential", "error"),
    [
        pytest.param(APP, "a guess", "invalid_client", id="secret"),
        pytest.param(DESKTOP, SECRET, "invalid_client", id="public"),
        pytest.param("00000000-0000-4000-8000-0000000000ff", SECRET, "unauthorized_client", id="unknown"),
    ],
)
def test_an_app_must_be_the_one_it_says(
    server: SignInServer, client: str, credential: str, error: str
) -> None:
    """A wrong secret, a secret of an app that has none, an app that nobody registered."""
    result = web_app(server, credential, client).acquire_token_for_client(SCOPES)
    assert (error, []) == (outcome(result), server.app_tokens)


def test_an_app_with_a_secret_must_show_it(server: SignInServer) -> None:
    """Knowing its name and a refresh token is not enough."""
    server.register(DESKTOP, secret=SECRET)
    token = server.desk.new_refresh_token(DESKTOP)
    result = desktop(server).acquire_token_by_refresh_token(token, SCOPES)
    assert ("invalid_client", [7000218]) == (result["error"], result["error_codes"])


@pytest.mark.parametrize(
    "scope",
    [
        pytest.param("https://fabrikam.example/.default", id="resource"),
        pytest.param(f"{AUDIENCE}/user_impersonation", id="permission"),
    ],
)
def test_a_scope_must_fit(server: SignInServer, scope: str) -> None:
    """An app asks for all it may have, of a resource that is known."""
    assert "invalid_scope" == outcome(web_app(server).acquire_token_for_client([scope]))


def redeemed(server: SignInServer, token: str) -> Result:
    """What a refresh token gives, to an msal that has not asked before."""
    result: Result = web_app(server).acquire_token_by_refresh_token(token, SCOPES)
    return result


def test_refresh_tokens_rotate(server: SignInServer) -> None:
    """Each use gives a new one; both work, as Entra documents it."""
    first = server.desk.new_refresh_token(APP)
    second = redeemed(server, first)["refresh_token"]
    assert first != second
    assert ["token", "token"] == [outcome(redeemed(server, one)) for one in (first, second)]
    assert [first, first, second] == [one.refresh_token for one in server.refreshes]
    assert 3 == len(set(server.user_tokens))


def test_refresh_tokens_can_be_for_one_use(server: SignInServer) -> None:
    """The switch refuses the old one, and the new one still works."""
    server.switches.single_use = True
    first = server.desk.new_refresh_token(APP)
    second = redeemed(server, first)["refresh_token"]
    assert ["invalid_grant", "token"] == [outcome(redeemed(server, one)) for one in (first, second)]


def test_a_refresh_token_is_the_apps_and_can_be_taken(server: SignInServer) -> None:
    """Another app's is refused; so is one that was revoked."""
    other, own = server.desk.new_refresh_token(DESKTOP), server.desk.new_refresh_token(APP)
    server.desk.revoke(own)
    assert ["invalid_grant"] * 2 == [outcome(redeemed(server, one)) for one in (other, own)]


def test_how_a_person_signed_in_stays_with_the_refresh_token(server: SignInServer) -> None:
    """No refresh makes up for a sign-in without multi-factor authentication."""
    token = server.desk.new_refresh_token(APP, User(mfa=False))
    assert ["pwd"] == decoded(redeemed(server, token)["access_token"])["amr"]


def test_msal_refreshes_once_a_token_is_near_its_end(server: SignInServer) -> None:
    """With less than five minutes left, the silent call redeems the newest refresh token that it has."""
    server.switches.expires_in = 100
    client = web_app(server)
    given = client.acquire_token_by_refresh_token(server.desk.new_refresh_token(APP), SCOPES)
    (account,) = client.get_accounts()
    result = client.acquire_token_silent_with_error(SCOPES, account)
    assert given["access_token"] != result["access_token"]
    assert given["refresh_token"] == server.refreshes[1].refresh_token
    assert 100 == decoded(result["access_token"])["exp"] - decoded(result["access_token"])["iat"]


@pytest.mark.parametrize(
    ("fault", "error", "suberror"),
    [
        pytest.param(invalid_grant(53003, "message_only"), "invalid_grant", "message_only", id="grant"),
        pytest.param(interaction_required(), "interaction_required", "basic_action", id="mfa"),
        pytest.param(invalid_client(), "invalid_client", None, id="client"),
        pytest.param(throttled(7), "invalid_request", None, id="429"),
    ],
)
def test_a_refusal_is_told(server: SignInServer, fault: TokenFault, error: str, suberror: str | None) -> None:
    """msal gives these back as they were sent, and the refresh token is as good as before."""
    server.fail_next(fault)
    token = server.desk.new_refresh_token(APP)
    result = redeemed(server, token)
    assert (error, suberror) == (result["error"], result.get("suberror"))
    assert result["error_description"].startswith(f"AADSTS{result['error_codes'][0]}: ")
    assert "token" == outcome(redeemed(server, token))


@pytest.mark.parametrize(
    ("fault", "raises", "decided"),
    [
        pytest.param(broken(), Exception, 0, id="500"),
        pytest.param(unavailable(3), Exception, 0, id="503"),
        pytest.param(HTML, ValueError, 0, id="html"),
        pytest.param(TRUNCATED, ValueError, 1, id="truncated"),
        pytest.param(RESET_BEFORE, OSError, 0, id="reset-before"),
        pytest.param(RESET_AFTER, OSError, 1, id="reset-after"),
    ],
)
def test_trouble_is_raised(
    server: SignInServer, fault: TokenFault, raises: type[Exception], decided: int
) -> None:
    """What is no answer raises, as msal lets it; after a lost one a token exists that nobody has."""
    server.fail_next(fault)
    token = server.desk.new_refresh_token(APP)
    with pytest.raises(raises):
        redeemed(server, token)
    assert (decided, 1) == (len(server.user_tokens), len(server.refreshes))


def test_retry_after_is_heard(server: SignInServer) -> None:
    """msal does not ask again while the time that it was told has not passed."""
    server.fail_next(throttled(30))
    client = web_app(server)
    token = server.desk.new_refresh_token(APP)
    answers = [client.acquire_token_by_refresh_token(token, SCOPES) for _ in range(2)]
    assert ["invalid_request"] * 2 == [outcome(one) for one in answers]
    assert 1 == len(server.requests)


def test_a_slow_answer_comes(server: SignInServer) -> None:
    """It does not keep others waiting, and is the true one."""
    goes_on = threading.Event()
    server.fail_next(held(goes_on), slow(0.05))
    results: list[Result] = []
    token = server.desk.new_refresh_token(APP)
    waiting = threading.Thread(target=lambda: results.append(redeemed(server, token)))
    waiting.start()
    server.wait_for_requests(1)
    assert "token" == outcome(web_app(server).acquire_token_for_client(SCOPES))
    assert [] == results
    goes_on.set()
    waiting.join()
    assert ["token"] == [outcome(one) for one in results]


def test_faults_come_in_their_order(server: SignInServer) -> None:
    """One request each, and then it is over."""
    server.fail_next(invalid_client(), *[interaction_required()] * 2)
    outcomes = [outcome(web_app(server).acquire_token_for_client(SCOPES)) for _ in range(4)]
    assert ["invalid_client", "interaction_required", "interaction_required", "token"] == outcomes


def test_the_certificate_must_be_trusted(server: SignInServer) -> None:
    """Without its authority nobody talks to the server, and another tenant is not there."""
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        msal.PublicClientApplication(DESKTOP, authority=server.authority, instance_discovery=False)
    server.desk.tenant = "00000000-0000-4000-8000-0000000000bb"
    with pytest.raises(ValueError, match="Unable to get authority configuration"):
        desktop(server)


@pytest.mark.parametrize(
    ("token", "statuses"),
    [
        pytest.param("user", (200, 201), id="user"),
        pytest.param("user without mfa", (401, 401), id="no-mfa"),
        pytest.param("app", (200, 403), id="app"),
        pytest.param("old", (401, 401), id="expired"),
    ],
)
async def test_the_simulator_reads_these_tokens(
    server: SignInServer, token: str, statuses: tuple[int, int]
) -> None:
    """With token_claims a running simulator needs not be told of new tokens: reads and writes are answered by
    what is in them."""
    server.switches.expires_in = 0 if token == "old" else 3600
    if token == "app":
        web_app(server).acquire_token_for_client(SCOPES)
    else:
        user = User(mfa=token != "user without mfa")
        redeemed(server, server.desk.new_refresh_token(APP, user))
    bearer = f"Bearer {[*server.user_tokens, *server.app_tokens][0]}"
    async with running(replace(QUICK, token_claims="mfa")) as client:
        answers = [await client.fetch(Authorization=bearer), await client.submit(Authorization=bearer)]
    assert list(statuses) == [answer.status for answer in answers]


def asked(
    server: SignInServer, method: str, path: str, token: str = "", body: object = None
) -> tuple[int, Any, str]:
    """One request at the vault: status, JSON, challenge."""
    request = urllib.request.Request(server.url + path, method=method)
    request.add_header("Authorization", f"Bearer {token}")
    data = None if body is None else json.dumps(body).encode()
    trust = create_default_context(cafile=str(server.ca_bundle))
    try:
        with urllib.request.urlopen(request, data, context=trust) as answer:
            return answer.status, json.load(answer), ""
    except HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal), refusal.headers.get("WWW-Authenticate", "")


def test_a_vault_challenges_and_keeps_versions(server: SignInServer) -> None:
    """A token for the vault opens it; each PUT is a version, and the newest is what a bare name gives."""
    path, version = "/secrets/refresh-token", "?api-version=7.4"
    status, _, challenge = asked(server, "GET", path + version)
    assert (401, True) == (status, f'authorization="{server.authority}"' in challenge)
    partner = web_app(server).acquire_token_for_client(SCOPES)["access_token"]
    assert 401 == asked(server, "GET", path + version, partner)[0]
    token = web_app(server).acquire_token_for_client(["https://vault.azure.net/.default"])["access_token"]
    assert 404 == asked(server, "GET", path + version, token)[0]
    first = server.vault.put("refresh-token", "one")
    assert 200 == asked(server, "PUT", path + version, token, {"value": "two"})[0]
    assert (
        "two"
        == asked(server, "GET", path + version, token)[1]["value"]
        == server.vault.value("refresh-token")
    )
    old = asked(server, "GET", f"{path}/{first}{version}", token)[1]
    assert ("one", f"{server.url}{path}/{first}", True) == (
        old["value"],
        old["id"],
        old["attributes"]["enabled"],
    )


def test_a_vault_can_refuse(server: SignInServer) -> None:
    """403 for a caller without rights, 400 without a version of the interface."""
    server.vault.bearers.add("t")
    assert 400 == asked(server, "GET", "/secrets/a", "t")[0]
    server.vault.refuses = True
    assert (403, "Forbidden") == (
        (told := asked(server, "GET", "/secrets/a?api-version=7.4", "t"))[0],
        told[1]["error"]["code"],
    )


def test_azures_own_client_reads_and_writes_the_vault(server: SignInServer) -> None:
    """Challenge, token, request: what azure-keyvault-secrets does by itself. (localhost is no subdomain of
    the resource, so it must not look at that.)"""
    credential = ClientSecretCredential(
        TENANT,
        APP,
        SECRET,
        authority=server.url,
        disable_instance_discovery=True,
        connection_verify=str(server.ca_bundle),
    )
    client = SecretClient(
        server.url, credential, verify_challenge_resource=False, connection_verify=str(server.ca_bundle)
    )
    with credential, client:
        client.set_secret("refresh-token", "one")
        assert "one" == server.vault.value("refresh-token") == client.get_secret("refresh-token").value
        with pytest.raises(ResourceNotFoundError):
            client.get_secret("other")
    assert ["client_credentials"] == [one.grant for one in server.requests]
    assert [401, 200, 200, 404] == [one.status for one in server.vault.requests]
