"""The rehearsal: a whole run against a simulator of its own, which leaves nothing behind but its report."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import pytest
from support.drive import sheet
from support.sheets import csv_file, customer

from batchqual.errors import InputError, UsageError
from batchqual.events import Event, Submitted
from batchqual.ledger import read_only
from batchqual.model import Outcome
from batchqual.pipeline import StopSwitch
from batchqual.rehearsal import rehearse
from batchqual.report import RunReport
from batchqual.settings import Settings, load_settings

PARTNER = "00000000-0000-4000-8000-00000000aaaa"
OTHER = "00000000-0000-4000-8000-00000000bbbb"
QUICK = {"rate": "none", "wait": "20s", "poll_min": "0.1s", "poll_max": "0.3s", "patience": "1s"}
ROWS = (
    (customer(1), "SOE"),
    (customer(2), "GCC", "", "0012345", "", "Contoso City"),
    (customer(3), "GCC", "", "0012345", "", "Fabrikam City"),
    (PARTNER, "SOE"),
)


def token(tenant: str) -> str:
    """What an access token looks like, unsigned."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in ({}, {"tid": tenant})]
    return ".".join([*parts, ""])


def settings(folder: Path, environ: dict[str, str] | None = None, **flags: object) -> Settings:
    own = {**QUICK, "report": [str(folder / "report.json")]}
    return load_settings({**own, **flags}, environ=environ or {})


def files(folder: Path) -> list[str]:
    """The names of what is there."""
    return sorted(path.name for path in folder.iterdir())


def outcomes(report: RunReport) -> list[Outcome]:
    return [result.verdict.outcome for result in report.rows]


async def test_a_rehearsal_needs_no_sign_in_and_no_codes(tmp_path: Path) -> None:
    """Its service knows the customers of the sheet and has codes for all of them, issued to nobody."""
    report = await rehearse([sheet(tmp_path, *ROWS)], settings(tmp_path))
    assert [Outcome.APPROVED] * 4 == outcomes(report)
    assert ("rehearse", 0, ()) == (report.command, report.exit_code, report.notices)
    assert ["customers.csv", "report.json"] == files(tmp_path)


async def test_a_rehearsal_reads_standard_input_and_is_listened_to(tmp_path: Path) -> None:
    """It is a run like any other."""
    text, heard = io.BytesIO(f"Customer Tenant ID,Qualification\n{customer(1)},SOE\n".encode()), list[Event]()
    report = await rehearse(["-"], settings(tmp_path), say=heard.append, stdin=text)
    assert [Outcome.APPROVED] == outcomes(report)
    assert 1 == sum(isinstance(event, Submitted) for event in heard)


async def test_a_rehearsal_can_be_interrupted(tmp_path: Path) -> None:
    """130, and the report all the same."""
    stop = StopSwitch()
    stop.press()
    report = await rehearse([sheet(tmp_path, *ROWS)], settings(tmp_path), stop=stop)
    assert (130, [Outcome.NOT_ATTEMPTED] * 4) == (report.exit_code, outcomes(report))


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({"BATCHQUAL_TENANT_ID": PARTNER}, id="the setting"),
        pytest.param({"BATCHQUAL_ACCESS_TOKEN": token(PARTNER)}, id="the token"),
    ],
)
async def test_the_partners_own_row_is_found_in_rehearsal(environ: dict[str, str], tmp_path: Path) -> None:
    """What the real run would call invalid is invalid here."""
    report = await rehearse([sheet(tmp_path, *ROWS)], settings(tmp_path, environ))
    assert [Outcome.APPROVED] * 3 + [Outcome.INVALID] == outcomes(report)


async def test_tenant_and_token_that_disagree_do_not_stop_a_rehearsal(tmp_path: Path) -> None:
    """It goes to nobody's tenant; the real run refuses them."""
    environ = {"BATCHQUAL_TENANT_ID": OTHER, "BATCHQUAL_ACCESS_TOKEN": token(PARTNER)}
    report = await rehearse([sheet(tmp_path, *ROWS)], settings(tmp_path, environ))
    assert 0 == report.exit_code
    assert "(not named)" == report.facts["Partner"]


async def test_a_configured_sign_in_does_not_stop_a_rehearsal(tmp_path: Path) -> None:
    """Whoever has set up the app registration may rehearse as before."""
    environ = {
        "BATCHQUAL_TENANT_ID": PARTNER,
        "BATCHQUAL_CLIENT_ID": OTHER,
        "BATCHQUAL_CLIENT_SECRET": "a-secret",
        "BATCHQUAL_REFRESH_TOKEN": "a-token",
        "BATCHQUAL_AUTH": "refresh-token",
    }
    report = await rehearse(
        [csv_file(tmp_path, [["customer_id", "qualification"], ROWS[0]])], settings(tmp_path, environ)
    )
    assert report.error is None


async def test_a_rehearsal_does_not_go_to_a_service(tmp_path: Path) -> None:
    """Not even to a simulator: that is what `run --base-url` is for."""
    with pytest.raises(UsageError, match="has a service of its own") as caught:
        await rehearse(["missing.csv"], settings(tmp_path, base_url="http://127.0.0.1:9"))
    assert "batchqual simulate" in caught.value.hint


async def test_a_sheet_that_cannot_be_read_starts_no_rehearsal(tmp_path: Path) -> None:
    """10, as in a run."""
    with pytest.raises(InputError):
        await rehearse([str(tmp_path / "missing.csv")], settings(tmp_path))


async def test_a_kept_ledger_serves_one_rehearsal(tmp_path: Path) -> None:
    """It can be looked into afterwards; the next rehearsal has another simulator, and is refused with 2."""
    ledger, rows = tmp_path / "kept.sqlite3", sheet(tmp_path, *ROWS)
    report = await rehearse([rows], settings(tmp_path, ledger=str(ledger)))
    with read_only(ledger) as view:
        assert [report.run_id] == [summary.run_id for summary in view.runs()]
    with pytest.raises(UsageError) as caught:
        await rehearse([rows], settings(tmp_path, ledger=str(ledger)))
    assert ("ledger-of-another-origin", 2) == (caught.value.code, caught.value.exit_code)


async def test_rows_by_domain_are_rehearsed(tmp_path: Path) -> None:
    """The service knows their customers, under IDs of its own or those that the sheet tells."""
    headings = ("customer_id", "domain", "qualification")
    rows = [
        ("", "Contoso.example", "SOE"),
        ("", "fabrikam.example", "SOE"),
        (customer(1), "fabrikam.example", "SOE"),
        ("", "contoso.example", "SOE"),
    ]
    report = await rehearse([csv_file(tmp_path, [headings, *rows])], settings(tmp_path))
    approved, duplicate = Outcome.APPROVED, Outcome.DUPLICATE
    assert [approved, approved, duplicate, duplicate] == outcomes(report)
    found = [result.row.customer_id for result in report.rows]
    assert (customer(1), found[0]) == (found[1], found[3])
    assert 36 == len(found[0])
    assert (0, ()) == (report.exit_code, report.notices)
