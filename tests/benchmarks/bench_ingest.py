"""Speed and memory of reading: 300,000 rows of CSV and 100,000 of XLSX, each in a process of its own.

Run as a script it prints one line a file; as a test (marker ``bench``) it holds the promised bounds.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from openpyxl import Workbook

CSV_ROWS, XLSX_ROWS = 300_000, 100_000
CSV_MIB, XLSX_MIB = 350.0, 600.0
HEADINGS = (
    "customer_id",
    "qualification",
    "validation_code",
    "education_segment",
    "website",
    "customer_name",
    "account_owner",
    "Notes",
)

_CHILD = """
import json, sys, time
import psutil
from batchqual.ingest import Reading, read
start, cpu = time.perf_counter(), time.process_time()
found = read([sys.argv[1]], Reading())
seconds, busy = time.perf_counter() - start, time.process_time() - cpu
memory = psutil.Process().memory_info()
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
except ImportError:
    peak = memory.peak_wset
sent = sum(row.request is not None for row in found.rows)
heavy = sorted({"pandas", "openpyxl", "numpy"} & set(sys.modules))
print(json.dumps({"rows": len(found.rows), "sent": sent, "seconds": seconds, "cpu": busy,
                  "peak_mib": peak / 2**20, "heavy": heavy}))
"""


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """Invented customers, half Education and half GCC, every ID distinct."""
    chance = random.Random(7)
    for number in range(count):
        customer = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        tail = (f"School {number}", f"Owner {number % 40}", f"note {number}")
        if number % 2:
            yield (customer, "Education", "", "K12", f"https://www.school{number}.example", *tail)
        else:
            yield (customer, "GCC", str(100_003 + 37 * (number % 9)), "", "", *tail)


def write_csv(path: Path, count: int) -> None:
    """A CSV file of that many rows."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        writer.writerows(rows(count))


def write_xlsx(path: Path, count: int) -> None:
    """A workbook of that many rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Customers")
    sheet.append(HEADINGS)
    for row in rows(count):
        sheet.append(row)
    book.save(path)


def measure(path: Path) -> dict[str, Any]:
    """Read the file in a fresh process: rows, seconds, peak memory in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path)], check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.bench
@pytest.mark.parametrize(
    ("suffix", "count", "bound"), [("csv", CSV_ROWS, CSV_MIB), ("xlsx", XLSX_ROWS, XLSX_MIB)]
)
def test_memory_stays_flat(tmp_path: Path, suffix: str, count: int, bound: float) -> None:
    """Every row is read, within the bound, and without the heavy libraries."""
    path = tmp_path / f"customers.{suffix}"
    (write_csv if suffix == "csv" else write_xlsx)(path, count)
    found = measure(path)
    assert (count, count, []) == (found["rows"], found["sent"], found["heavy"])
    assert bound > found["peak_mib"]


def main() -> None:
    """Print the machine, and one line for each kind of file."""
    sys.stdout.write(f"{psutil.cpu_count()} CPUs, load {psutil.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as folder:
        for suffix, count, write in (("csv", CSV_ROWS, write_csv), ("xlsx", XLSX_ROWS, write_xlsx)):
            path = Path(folder) / f"customers.{suffix}"
            write(path, count)
            found = measure(path)
            pace = found["rows"] / found["seconds"]
            sys.stdout.write(
                f"{suffix}: {found['rows']:,.0f} rows in {found['seconds']:.1f} s ({pace:,.0f} rows/s,"
                f" {found['cpu']:.1f} s CPU), peak {found['peak_mib']:.0f} MiB\n"
            )


if __name__ == "__main__":
    main()
