"""The tool from Python: one customer, a whole sheet, a frame; all against the simulator over real HTTP."""

from __future__ import annotations

import uuid
from pathlib import Path

import pandas as pd
import pytest

import batchqual
from batchqual.simulator import Simulator, SimulatorSettings, World

ONE = "00000000-0000-4000-8000-0000000000a7"
TWO = "00000000-0000-4000-8000-00000000c391"


@pytest.fixture
def quick() -> SimulatorSettings:
    return SimulatorSettings(vetting_delay=(0.0, 0.0), denial_rate=0.0)


async def test_one_customer_in_three_lines(quick: SimulatorSettings) -> None:
    """Set a customer's qualification, get it, list the codes."""
    world = World()
    world.offer("0012345=5")
    request = batchqual.QualificationRequest(
        ONE, batchqual.Qualification.EDUCATION, batchqual.EducationSegment.K12
    )
    async with (
        Simulator(quick, world) as simulator,
        batchqual.connect("token", base_url=simulator.base_url) as partner_center,
    ):
        await partner_center.submit(request, request_id=str(uuid.uuid4()))
        [holding] = await partner_center.holdings(ONE)
        [code] = await partner_center.validation_codes()
    assert holding.granted
    assert ("0012345", 5) == (code.code, code.remaining)


async def test_a_whole_sheet(quick: SimulatorSettings, tmp_path: Path) -> None:
    """Rows that were read are run as files are; the report holds a verdict for each."""
    frame = pd.DataFrame(
        {"Customer Tenant ID": [ONE, TWO], "Qualification": ["SOE", "Education"], "Seats": [40, 7]}
    )
    async with Simulator(quick) as simulator:
        settings = batchqual.load_settings(
            {
                "base_url": simulator.base_url,
                "ledger": tmp_path / "ledger.sqlite3",
                "report": [str(tmp_path / "report.csv")],
                "yes": True,
                "education_segment": "K12",
                "poll_min": "0.05s",
            },
            environ={"BATCHQUAL_ACCESS_TOKEN": "token"},
        )
        intake = batchqual.read_frame(frame, settings)
        report = await batchqual.run(intake, settings)
    assert 0 == report.exit_code
    assert [batchqual.Outcome.APPROVED] * 2 == [result.verdict.outcome for result in report.rows]
    results = batchqual.to_frame(report)
    assert ["Customer Tenant ID", "Qualification (input)", "Seats"] == list(results.columns[:3])
    assert ["approved", "approved"] == list(results["outcome"])
    assert [2, 3] == list(results["row"])
    assert (tmp_path / "report.csv").is_file()


async def test_nobody_is_asked_so_nothing_is_sent(quick: SimulatorSettings, tmp_path: Path) -> None:
    """Without yes a run from Python refuses, as one without a terminal does."""
    sheet = tmp_path / "customers.csv"
    sheet.write_text(f"Customer Tenant ID,Qualification\n{ONE},SOE\n", encoding="utf-8")
    async with Simulator(quick) as simulator:
        settings = batchqual.load_settings(
            {"base_url": simulator.base_url, "ledger": tmp_path / "ledger.sqlite3"},
            environ={"BATCHQUAL_ACCESS_TOKEN": "token"},
        )
        assert 1 == len(batchqual.read_rows(sheet, settings=settings).rows)
        with pytest.raises(batchqual.BatchqualError) as caught:
            await batchqual.run([sheet], settings)
        assert 0 == simulator.books.total
    assert ("not-confirmed", 2) == (caught.value.code, caught.value.exit_code)


def test_the_public_names_exist() -> None:
    """Every exported name resolves, and a wrong one says so."""
    assert sorted(batchqual.__all__) == dir(batchqual)
    for name in batchqual.__all__:
        assert getattr(batchqual, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'push'"):
        _ = batchqual.push
