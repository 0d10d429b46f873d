"""How many customers a second a whole run takes through, beside a bare loop that makes the same calls.

The run is all of it: reading the sheet, the durable ledger, looks, submissions, polls, the workbook. The
simulator is a process of its own, without limits, and answers at once; then once more with the latency of a
near service, where a run spends its time waiting. The bar is half the bare loop's pace where answers come at
once: exit 1 below it.
"""

from __future__ import annotations

import asyncio
import csv
import gc
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from batchqual.composition import run
from batchqual.partnercenter.connect import headers_for
from batchqual.settings import load_settings

CUSTOMERS = 3_000
WIDTH = 16
ROUNDS = 3
BAR = 0.5
LATENCY = 0.05
BODY = json.dumps({"qualification": "Education", "educationSegment": "K12"}).encode()


def customers(start: int) -> list[str]:
    """Invented customers, scattered, since IDs that count up are taken for a filled-down column."""
    numbers = range(start, start + CUSTOMERS)
    return [
        f"{n * 7919 % 0xFFFFFFFF:08x}-0000-4000-8000-{n * 1_000_003 % 0xFFFFFFFFFFF:011x}a" for n in numbers
    ]


@contextmanager
def simulator(latency: float) -> Iterator[str]:
    """A simulator that approves at once, in a process of its own; gives its address."""
    knobs = ("--vetting-delay", "0:0", "--denial-rate", "0", "--latency", f"{latency}:{latency}")
    command = [sys.executable, "-m", "batchqual", "simulate", *knobs]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def bare(base_url: str, ids: list[str]) -> float:
    """Seconds that a bare aiohttp loop takes: look, submit, look, for each customer."""
    waiting = iter(ids)

    async def worker(session: aiohttp.ClientSession) -> None:
        for customer in waiting:
            path = f"{base_url}/v1/customers/{customer}/qualifications"
            for method, body in (("GET", None), ("POST", BODY), ("GET", None)):
                own = {"MS-RequestId": str(uuid.uuid4()), "MS-CorrelationId": str(uuid.uuid4())}
                async with session.request(method, path, data=body, headers=own) as response:
                    json.loads(await response.read())

    began = time.perf_counter()
    headers = headers_for("v1") | {"Authorization": "Bearer t", "Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=WIDTH)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        await asyncio.gather(*(worker(session) for _ in range(WIDTH)))
    return time.perf_counter() - began


def sheet(folder: Path, ids: list[str]) -> Path:
    """A CSV file that asks for Education."""
    path = folder / "customers.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("Customer ID", "Company name", "Qualification", "Education Segment"))
        rows.writerows((one, f"Contoso School {n}", "Education", "K12") for n, one in enumerate(ids))
    return path


async def whole(base_url: str, ids: list[str]) -> float:
    """Seconds that a whole run takes, report included."""
    folder = Path(tempfile.mkdtemp())
    try:
        path = sheet(folder, ids)
        flags = {
            "base_url": base_url,
            "ledger": str(folder / "ledger.sqlite3"),
            "report": [str(folder / "report.xlsx")],
            "yes": True,
            "rate": "none",
            "concurrency": WIDTH,
            "poll_min": "0.01s",
            "poll_max": "1s",
        }
        settings = load_settings(flags, environ={"BATCHQUAL_ACCESS_TOKEN": "t"})
        began = time.perf_counter()
        report = await run("run", [str(path)], settings)
        seconds = time.perf_counter() - began
        calls = report.requests.get, report.requests.post
        if report.exit_code or calls != (2 * CUSTOMERS, CUSTOMERS):
            raise SystemExit(f"not the same work: exit {report.exit_code}, {calls} calls")
        return seconds
    finally:
        shutil.rmtree(folder)


def tell(line: str) -> None:
    """Say it at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measure(latency: float) -> float:
    """The run's pace as a share of the bare loop's. In turn, so that the machine's moods meet both."""
    pace: dict[str, list[float]] = {"bare": [], "run": []}
    with simulator(latency) as base_url:
        for number in range(ROUNDS):
            gc.collect()
            pace["bare"].append(CUSTOMERS / asyncio.run(bare(base_url, customers(number * 20_000 + 1))))
            gc.collect()
            pace["run"].append(CUSTOMERS / asyncio.run(whole(base_url, customers(number * 20_000 + 10_001))))
    ratio = statistics.median(pace["run"]) / statistics.median(pace["bare"])
    tell(f"answers after {latency * 1000:.0f} ms; customers a second, {ROUNDS} rounds")
    for name, words in (("bare", "bare aiohttp loop"), ("run", "whole run, ledger and workbook")):
        rounds = "  ".join(f"{one:7.0f}" for one in pace[name])
        tell(f"  {words:32} {rounds}   median {statistics.median(pace[name]):6.0f}")
    tell(f"  ratio {ratio:.2f}")
    return ratio


def main() -> int:
    """Both measurements; the bar is for the harder one."""
    tell(f"{CUSTOMERS} customers, 3 calls each, {WIDTH} at once; the bar is a ratio of {BAR} at 0 ms")
    measure(LATENCY)
    return 0 if measure(0.0) >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
