"""What the sign-in server knows and decides: apps, people, codes, refresh tokens, and the grants. It talks
to no socket; ``sign_in_server`` does.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from .sign_in_faults import Answer, TokenFault
from .sign_in_tokens import User, id_token, packed, signed_by_nobody
from .sign_in_values import (
    APP,
    AUDIENCE,
    DESKTOP,
    SECRET,
    App,
    Consent,
    Device,
    Form,
    Refusal,
    Switches,
    TokenRequest,
    check_proof,
)

__all__ = ["Desk"]

DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
_OF_OPENID: Final = {"openid", "profile", "email", "offline_access"}


class Desk:
    """Answers requests, one at a time. ``requests``, ``sign_ins`` (the parameters of each visit to the
    authorize page), ``user_tokens`` and ``app_tokens`` are its books: lists that only grow."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.authority = ""
        self.switches = Switches()
        self.apps = {APP: App([SECRET]), DESKTOP: App()}
        self.faults: list[TokenFault] = []
        self.requests: list[TokenRequest] = []
        self.sign_ins: list[dict[str, str]] = []
        self.user_tokens: list[str] = []
        self.app_tokens: list[str] = []
        self.lock = threading.RLock()
        self.noted = threading.Condition(self.lock)
        self._audience_of: dict[str, str] = {}
        self._codes: dict[str, Consent] = {}
        self._devices: dict[str, Device] = {}
        self._refresh_tokens: dict[str, Consent] = {}
        self._spent: set[str] = set()
        self._grants = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh_token,
            "client_credentials": self._by_credentials,
            DEVICE_CODE: self._by_device_code,
        }

    @property
    def token_endpoint(self) -> str:
        """Where tokens are asked for; also the audience of a client's assertion."""
        return f"{self.authority}/oauth2/v2.0/token"

    def tokens_for(self, audience: str) -> set[str]:
        """The access tokens given for a resource."""
        with self.lock:
            return {token for token, told in self._audience_of.items() if told == audience}

    def new_refresh_token(self, client: str, user: User | None = None) -> str:
        """A refresh token as if somebody had signed in to ``client`` some time ago."""
        with self.lock:
            scope = f"{AUDIENCE}/.default offline_access openid profile"
            return self._new_refresh_token(Consent(client, user or self.switches.user, scope))

    def revoke(self, refresh_token: str) -> None:
        """Takes a refresh token for good."""
        with self.lock:
            del self._refresh_tokens[refresh_token]

    def take_fault(self) -> TokenFault | None:
        """The fault for the next token request, if one is queued."""
        with self.lock:
            return self.faults.pop(0) if self.faults else None

    # the authorize page

    def authorize(self, query: Form) -> dict[str, str] | str:
        """The parameters that go back to the app, or words for the person where they must not."""
        with self.lock:
            self.sign_ins.append(dict(query))
            if query.get("client_id") not in self.apps:
                return "AADSTS700016: this app is not known in the tenant."
            if urlsplit(query.get("redirect_uri", "")).hostname not in {"localhost", "127.0.0.1"}:
                return "AADSTS50011: the redirect URI is not registered for this app."
            back = {"state": query["state"]} if "state" in query else {}
            try:
                return back | self._agreed(query)
            except Refusal as refusal:
                told = refusal.answer.body
                assert isinstance(told, dict)
                return back | {name: str(told[name]) for name in ("error", "error_description")}

    def _agreed(self, query: Form) -> dict[str, str]:
        if query.get("response_type") != "code":
            raise Refusal("unsupported_response_type", 700054, "response_type is not enabled for the app.")
        if not query.get("code_challenge") or query.get("code_challenge_method") != "S256":
            raise Refusal("invalid_request", 501481, "PKCE with S256 is wanted.")
        self._audience(query.get("scope", ""))
        if self.switches.declines:
            raise Refusal("access_denied", 65004, "User declined to consent to access the app.")
        code = f"1.{secrets.token_urlsafe(32)}"
        self._codes[code] = Consent(
            query["client_id"],
            self.switches.user,
            query["scope"],
            query["redirect_uri"],
            query["code_challenge"],
            query.get("nonce", ""),
        )
        return {"code": code, "client_info": self._client_info(self.switches.user), "session_state": "s-1"}

    def device_code(self, form: Form) -> Answer:
        """The start of the device flow."""
        with self.lock:
            try:
                self._app(form)
                self._audience(form.get("scope", ""))
            except Refusal as refusal:
                return refusal.answer
            switches = self.switches
            outcome = (
                "authorization_declined"
                if switches.declines
                else "expired_token"
                if switches.code_expires
                else None
            )
            code, shown = secrets.token_urlsafe(32), secrets.token_hex(4).upper()
            consent = Consent(form["client_id"], switches.user, form["scope"])
            self._devices[code] = Device(consent, switches.pending, outcome)
            page = f"{self.authority.rpartition('/')[0]}/device"
            return Answer(
                200,
                {
                    "user_code": shown,
                    "device_code": code,
                    "verification_uri": page,
                    "expires_in": 900,
                    "interval": switches.interval,
                    "message": f"To sign in, open the page {page} and enter the code {shown}.",
                },
            )

    # the token endpoint

    def token(self, form: Form) -> Answer:
        """Deals with one request, and writes nothing into ``requests``: see ``note``."""
        with self.lock:
            try:
                app = self._app(form)
                check_proof(app, form, self.token_endpoint)
                return self._grants.get(form.get("grant_type", ""), self._by_nothing)(form)
            except Refusal as refusal:
                return refusal.answer

    def note(self, form: Form, at: float, answer: Answer | None) -> None:
        """Writes a token request into the books. None: there was no answer to give."""
        told = answer.body if answer and isinstance(answer.body, dict) else {}
        given = told.get("access_token")
        shown = [name for name in ("client_secret", "client_assertion") if name in form]
        with self.lock:
            self.requests.append(
                TokenRequest(
                    form.get("grant_type", ""),
                    form.get("client_id", ""),
                    at,
                    shown[0] if shown else "nothing",
                    form.get("scope", ""),
                    form.get("refresh_token"),
                    answer.status if answer else 0,
                    answer.error if answer else None,
                    str(given) if given else None,
                )
            )
            self.noted.notify_all()

    def _app(self, form: Form) -> App:
        app = self.apps.get(form.get("client_id", ""))
        if app is None:
            raise Refusal("unauthorized_client", 700016, "Application was not found in the directory.")
        return app

    def _audience(self, scope: str) -> str:
        """The resource that a scope is for: https://RESOURCE/.default or https://RESOURCE/PERMISSION."""
        wanted = set(scope.split()) - _OF_OPENID
        resources = {one.rpartition("/")[0] for one in wanted}
        if len(resources) != 1 or not resources <= self.switches.audiences:
            raise Refusal("invalid_scope", 70011, f"The provided value for scope {scope!r} is not valid.")
        return resources.pop()

    def _by_nothing(self, form: Form) -> Answer:
        raise Refusal("unsupported_grant_type", 70003, "The app asked for an unsupported grant type.")

    def _by_code(self, form: Form) -> Answer:
        consent = self._codes.pop(form.get("code", ""), None)
        if consent is None or consent.client != form["client_id"]:
            raise Refusal("invalid_grant", 54005, "The code was already redeemed, or never given.")
        if form.get("redirect_uri") != consent.redirect:
            raise Refusal("invalid_grant", 500112, "The redirect address does not match.")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != consent.challenge:
            raise Refusal("invalid_grant", 501481, "The code_verifier does not match the code_challenge.")
        return self._for_user(form, consent)

    def _by_refresh_token(self, form: Form) -> Answer:
        token = form.get("refresh_token", "")
        consent = self._refresh_tokens.get(token)
        if consent is None or consent.client != form["client_id"]:
            raise Refusal("invalid_grant", 50173, "The grant is revoked or unknown.", suberror="bad_token")
        if self.switches.single_use and token in self._spent:
            raise Refusal("invalid_grant", 70043, "The refresh token was used before.", suberror="bad_token")
        answer = self._for_user(form, replace(consent, scope=form.get("scope") or consent.scope, nonce=""))
        self._spent.add(token)
        return answer

    def _by_device_code(self, form: Form) -> Answer:
        device = self._devices.get(form.get("device_code", ""))
        if device is None or device.consent.client != form["client_id"]:
            raise Refusal("bad_verification_code", 70019, "Verification code expired or unknown.")
        if device.pending:
            device.pending -= 1
            raise Refusal("authorization_pending", 70016, "The user has not yet authenticated.")
        if device.outcome:
            raise Refusal(device.outcome, 70020, "The user said no, or came too late.")
        del self._devices[form["device_code"]]
        return self._for_user(form, device.consent)

    def _by_credentials(self, form: Form) -> Answer:
        if self.apps[form["client_id"]].is_public:
            raise Refusal("invalid_client", 7000218, "A public app has no token of its own.", status=401)
        scope = form.get("scope", "")
        audience = self._audience(scope)
        if not scope.endswith("/.default"):
            raise Refusal("invalid_scope", 1002012, "The scope must end with /.default.")
        own = {"idtyp": "app", "roles": ["Contoso.Read"], "sub": form["client_id"], "oid": form["client_id"]}
        token = self._access_token(form, audience, own)
        self.app_tokens.append(token)
        return Answer(200, self._lifetime() | {"access_token": token})

    def _for_user(self, form: Form, consent: Consent) -> Answer:
        audience = self._audience(consent.scope)
        user = consent.user
        own = {
            "scp": "user_impersonation",
            "amr": user.methods,
            "upn": user.name,
            "unique_name": user.name,
            "oid": user.object_id,
            "sub": user.object_id,
        }
        token = self._access_token(form, audience, own)
        self.user_tokens.append(token)
        granted = {f"{audience}/user_impersonation", *(set(consent.scope.split()) - _OF_OPENID)}
        body = self._lifetime() | {"access_token": token, "scope": " ".join(sorted(granted))}
        asked = set(consent.scope.split())
        if "offline_access" in asked:
            body["refresh_token"] = self._new_refresh_token(consent)
        if "openid" in asked:
            body["id_token"] = self._id_token(consent)
        if form.get("client_info"):
            body["client_info"] = self._client_info(user)
        return Answer(200, body)

    def _new_refresh_token(self, consent: Consent) -> str:
        token = f"1.{secrets.token_urlsafe(48)}"
        self._refresh_tokens[token] = replace(consent, redirect="", challenge="", nonce="")
        return token

    def _lifetime(self) -> dict[str, object]:
        seconds = self.switches.expires_in
        return {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds}

    def _access_token(self, form: Form, audience: str, own: Mapping[str, object]) -> str:
        now = int(time.time())
        issuer = f"https://sts.contoso.example/{self.tenant}/"
        claims: dict[str, object] = {
            "aud": audience,
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + self.switches.expires_in,
            "tid": self.tenant,
            "appid": form["client_id"],
            "ver": "1.0",
            **own,
        }
        token = signed_by_nobody(claims)
        self._audience_of[token] = audience
        return token

    def _id_token(self, consent: Consent) -> str:
        now = int(time.time())
        who = consent.user
        claims: dict[str, object] = {
            "aud": consent.client,
            "iss": f"{self.authority}/v2.0",
            "iat": now,
            "exp": now + 3600,
            "sub": who.object_id,
            "oid": who.object_id,
            "tid": self.tenant,
            "preferred_username": who.name,
            "name": who.name,
            "ver": "2.0",
        }
        return id_token(claims | ({"nonce": consent.nonce} if consent.nonce else {}))

    def _client_info(self, user: User) -> str:
        return packed({"uid": user.object_id, "utid": self.tenant})
