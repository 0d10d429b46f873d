"""The most memory that `check` takes for a large CSV file and a large workbook. Exit 1 above the bars."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook

CSV_ROWS, CSV_BAR = 300_000, 400
XLSX_ROWS, XLSX_BAR = 100_000, 700
HEADINGS = ("Customer ID", "Company name", "Qualification", "Education Segment", "Website", "Account owner")

#: What runs in the child: the command, then its own peak in MiB (resource exists where peak_wset does not).
CHILD = """
import sys
from batchqual.cli import main
code = main(["check", sys.argv[1], "--quiet"])
import psutil
memory = psutil.Process().memory_info()
peak = getattr(memory, "peak_wset", None)
if peak is None:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(code, peak // 1048576, file=sys.stderr)
"""


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """Invented customers, scattered, since IDs that count up are taken for a filled-down column."""
    yield HEADINGS
    for n in range(1, count + 1):
        ident = f"{n * 7919 % 0xFFFFFFFF:08x}-0000-4000-8000-{n * 1_000_003 % 0xFFFFFFFFFFF:011x}a"
        yield ident, f"Contoso School {n}", "Education", "K12", f"school{n}.contoso.example", "Owner of it"


def csv_file(path: Path, count: int) -> Path:
    """A CSV file with so many rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows(count))
    return path


def xlsx_file(path: Path, count: int) -> Path:
    """A workbook with so many rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Customers")
    for row in rows(count):
        sheet.append(row)
    book.save(path)
    return path


def check(path: Path) -> tuple[int, int, float]:
    """Check a file in a process of its own: its exit code, its peak in MiB, and how long it took."""
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True, cwd=path.parent
    )
    code, peak = ended.stderr.split()[-2:]
    return int(code), int(peak), time.perf_counter() - began


def tell(line: str) -> None:
    """Say it at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Make both files, check them, compare."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = (
            (csv_file(folder / "large.csv", CSV_ROWS), CSV_ROWS, CSV_BAR),
            (xlsx_file(folder / "large.xlsx", XLSX_ROWS), XLSX_ROWS, XLSX_BAR),
        )
        good = True
        tell("Peak memory of `check`")
        for path, count, bar in files:
            code, peak, seconds = check(path)
            good = good and code == 0 and peak < bar
            tell(
                f"  {count:7} rows {path.suffix:5}  {peak:4} MiB, bar {bar}   {seconds:5.1f} s   exit {code}"
            )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
