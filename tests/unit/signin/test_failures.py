"""What a refused sign-in is called, and who has to act."""

from __future__ import annotations

import pytest
from support.sign_in_faults import refused

from batchqual.errors import SignInNeeded
from batchqual.signin.failures import Passing, Remedies, refusal, remedies

WHO = remedies(stored=False, secret=True, certificate=False)
PERSON = "A partner user"
ADMINISTRATOR = "administrator of the partner's tenant"


def said(error: str, number: int, suberror: str | None = None, who: Remedies = WHO) -> SignInNeeded:
    """What batchqual makes of an error as Entra says it."""
    body = refused(error, number, "Some words.", suberror=suberror).body
    assert isinstance(body, dict)
    return refusal(body, who)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(53000, id="device not compliant"),
        pytest.param(53001, id="device not joined"),
        pytest.param(53002, id="app not approved"),
        pytest.param(53003, id="Conditional Access"),
        pytest.param(530003, id="device not managed"),
        pytest.param(530032, id="security policy"),
        pytest.param(530035, id="security defaults"),
    ],
)
@pytest.mark.parametrize("error", ["invalid_grant", "interaction_required"])
@pytest.mark.parametrize("suberror", [None, "message_only", "bad_token", "device_authentication_failed"])
def test_what_a_policy_blocks_is_for_an_administrator(error: str, number: int, suberror: str | None) -> None:
    """With and without a suberror, and nobody is told to sign in again."""
    failure = said(error, number, suberror)
    assert (12, "blocked-by-policy") == (failure.exit_code, failure.code)
    assert ADMINISTRATOR in failure.hint
    assert "sign in again" not in failure.hint
    assert f"AADSTS{number}" in failure.message


def test_a_suberror_counts_whatever_the_number() -> None:
    """Numbers change: one that nobody knows is still blocked when the service says that signing in is no
    help, and one that is known is for the person when the service wants to see one."""
    assert "blocked-by-policy" == said("interaction_required", 99999, "message_only").code
    assert "interaction-required" == said("interaction_required", 53003, "basic_action").code


@pytest.mark.parametrize(
    ("error", "number", "suberror", "code", "words"),
    [
        pytest.param("invalid_grant", 50057, None, "account-blocked", "disabled", id="disabled"),
        pytest.param("invalid_grant", 50053, None, "account-blocked", "locked", id="locked"),
        pytest.param("invalid_grant", 50034, None, "account-blocked", "does not know", id="unknown user"),
        pytest.param("invalid_grant", 50105, None, "account-blocked", "not assigned", id="not assigned"),
        pytest.param("invalid_grant", 65001, None, "consent-required", "consent", id="consent"),
        pytest.param(
            "invalid_grant", 65001, "consent_required", "consent-required", "consent", id="consent, said"
        ),
        pytest.param("unauthorized_client", 700016, None, "app-not-allowed", "the app", id="unknown app"),
        pytest.param("unauthorized_client", 7000112, None, "app-not-allowed", "disabled", id="disabled app"),
        pytest.param("invalid_request", 90002, None, "wrong-tenant", "the tenant", id="unknown tenant"),
    ],
)
def test_other_matters_of_an_administrator(
    error: str, number: int, suberror: str | None, code: str, words: str
) -> None:
    """The account, the consent, the app: each by its name."""
    failure = said(error, number, suberror)
    assert code == failure.code
    assert words in failure.message
    assert "dministrat" in failure.hint
    assert PERSON not in failure.hint


@pytest.mark.parametrize(
    ("error", "number", "suberror", "code"),
    [
        pytest.param("invalid_grant", 700082, None, "sign-in-expired", id="unused"),
        pytest.param("invalid_grant", 50173, "bad_token", "sign-in-expired", id="revoked"),
        pytest.param("interaction_required", 50076, "basic_action", "interaction-required", id="MFA"),
        pytest.param("invalid_grant", 50079, None, "sign-in-expired", id="MFA to be set up"),
        pytest.param("invalid_grant", 50055, "user_password_expired", "interaction-required", id="password"),
        pytest.param("strange", 1, None, "sign-in", id="strange"),
    ],
)
def test_what_another_sign_in_mends_is_for_the_person(
    error: str, number: int, suberror: str | None, code: str
) -> None:
    """The partner user has to sign in."""
    failure = said(error, number, suberror)
    assert code == failure.code
    assert failure.hint.startswith(PERSON)


def test_the_number_is_read_from_the_words_where_it_stands_nowhere_else() -> None:
    """Proxies and older services leave ``error_codes`` out."""
    answer = {"error": "invalid_grant", "error_description": "AADSTS53003: Access has been blocked."}
    assert "blocked-by-policy" == refusal(answer, WHO).code
    assert "sign-in-expired" == refusal({"error": "invalid_grant", "error_codes": ["x", None]}, WHO).code


def test_each_way_of_signing_in_is_told_what_is_its_own() -> None:
    """A login is not sent to a variable, a stored token not to a login, a certificate not to a secret."""
    login = said("invalid_grant", 700082)
    assert "batchqual login" in login.hint
    assert "BATCHQUAL_" not in login.hint
    stored = remedies(stored=True, secret=False, certificate=True)
    assert "BATCHQUAL_REFRESH_TOKEN" in said("invalid_grant", 700082, who=stored).hint
    assert "batchqual login" not in said("invalid_grant", 700082, who=stored).hint
    assert "BATCHQUAL_CLIENT_CERTIFICATE" in said("invalid_client", 7000215, who=stored).hint
    assert "SECRET" not in said("invalid_client", 7000222, who=stored).hint
    assert "CERTIFICATE" not in said("invalid_client", 7000215).hint
    public = remedies(stored=False, secret=False, certificate=False)
    assert "BATCHQUAL_CLIENT_SECRET or BATCHQUAL_CLIENT_CERTIFICATE" in public.registrar


@pytest.mark.parametrize("error", ["temporarily_unavailable", "server_error", "slow_down", ""])
def test_what_passes_is_no_refusal(error: str) -> None:
    """It is tried again."""
    with pytest.raises(Passing):
        refusal({"error": error, "error_description": "AADSTS53003: whatever"}, WHO)
