"""Whom a run is for, how it signs in, and which ledger it writes."""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path

import pytest
from support.ledgers import HandClock, a_ledger, education, new_request

from batchqual.errors import UsageError
from batchqual.ledger import Ledger
from batchqual.settings import load_settings
from batchqual.target import Target, check_ledger_origin, connection_of, target_of

TENANT = "00000000-0000-4000-8000-00000000aaaa"
OTHER = "00000000-0000-4000-8000-00000000bbbb"
SIMULATOR = "http://127.0.0.1:8080"


def token(tenant: str) -> str:
    """What an access token looks like, unsigned."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in ({}, {"tid": tenant})]
    return ".".join([*parts, ""])


def target(_environ: dict[str, str] | None = None, /, **flags: object) -> Target:
    return target_of(load_settings(flags, environ=_environ or {}))


def test_the_global_cloud_is_the_default() -> None:
    """Nothing said means the global address and the user's own ledger."""
    found = target()
    assert ("https://api.partnercenter.microsoft.com", "", False) == (
        found.origin,
        found.partner,
        found.loopback,
    )
    assert "ledger.sqlite3" == found.ledger.name


def test_a_simulator_has_a_ledger_of_its_own(tmp_path: Path) -> None:
    """Its default ledger is another file in the same folder, which the first run makes; a named one wins."""
    found = target(base_url=SIMULATOR)
    assert "simulator-ledger.sqlite3" == found.ledger.name
    assert target().ledger.parent == found.ledger.parent
    with Ledger.open(found.ledger, clock=HandClock(), command="run"):
        assert found.ledger.is_file()
    named = tmp_path / "mine.sqlite3"
    assert named == target(base_url=SIMULATOR, ledger=str(named)).ledger


@pytest.mark.parametrize(
    ("environ", "partner"),
    [
        pytest.param({"BATCHQUAL_TENANT_ID": f"{{{TENANT.upper()}}}"}, TENANT, id="the setting"),
        pytest.param({"BATCHQUAL_ACCESS_TOKEN": token(TENANT)}, TENANT, id="the token's tid"),
        pytest.param({"BATCHQUAL_ACCESS_TOKEN": "opaque"}, "", id="an opaque token names nobody"),
    ],
)
def test_the_partner_is_the_setting_else_the_tokens(environ: dict[str, str], partner: str) -> None:
    """Rule 1 of identity."""
    assert partner == target(environ).partner


def test_a_token_of_another_tenant_is_refused() -> None:
    """When setting and token disagree nothing is sent."""
    with pytest.raises(UsageError, match=OTHER):
        target({"BATCHQUAL_TENANT_ID": TENANT, "BATCHQUAL_ACCESS_TOKEN": token(OTHER)})


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param({"rate": "none"}, id="no limit"),
        pytest.param({"patience": "29s"}, id="no patience"),
        pytest.param({"base_url": "http://api.example"}, id="plain http"),
    ],
)
def test_what_is_only_safe_at_home_is_refused_abroad(flags: dict[str, object]) -> None:
    """Off loopback there is a pace, a patience and https."""
    with pytest.raises(UsageError):
        target(**flags)
    assert target(**{**flags, "base_url": SIMULATOR}).loopback


async def test_a_ledger_never_mixes_simulator_and_service(tmp_path: Path) -> None:
    """A real ledger refuses a simulator; another real origin is another identity, unless it must be one."""
    path = tmp_path / "ledger.sqlite3"
    with a_ledger(path) as ledger:
        await ledger.enrol([new_request(education(1), origin="https://api.partnercenter.example")])
        check_ledger_origin(ledger, Target("https://api.partnercenter.example", "", path))
        check_ledger_origin(ledger, Target("https://china.partnercenter.example", "", path))
        with pytest.raises(UsageError) as caught:
            check_ledger_origin(ledger, Target(SIMULATOR, "", path))
        assert "ledger-of-another-origin" == caught.value.code
        with pytest.raises(UsageError):
            check_ledger_origin(ledger, Target("https://china.partnercenter.example", "", path), same=True)


@pytest.mark.parametrize(
    ("wait", "longest"),
    [
        pytest.param("0", 300.0, id="five minutes are always waited"),
        pytest.param("1h", 3600.0, id="as long as --wait"),
        pytest.param("forever", None, id="for ever"),
    ],
)
def test_a_pause_is_waited_for_as_long_as_the_run_may_wait(wait: str, longest: float | None) -> None:
    """A longer one stops the run."""
    settings = load_settings({"wait": wait, "base_url": SIMULATOR}, environ={})
    assert longest == connection_of(settings, target_of(settings)).max_pause
    assert wait != "forever" or math.isinf(settings.wait)
