"""How the work grows with the rows: check, plan, run, resume and report on ordinary sheets and on odd ones.

The figure is the exponent with which the CPU time grows from a small sheet to a large one: 1 is linear, 2
quadratic. The bar is 1.1: exit 1 above it. Each command is a process of its own, and its CPU time (user and
system) is what counts, for that says the same on a machine that is busy. What it takes for a sheet of three
rows is start-up, and is taken off both times; what is less than a tenth of a second then counts as that.
Noise only ever adds, so a figure above the bar is measured twice more, and the least of the times counts.
The simulator is another process, and is not counted. Where nothing is in review, `resume` has nothing to do
and is left out. At 100,000 rows this takes some twenty minutes; name smaller sizes, or sheets, for less.

    python tests/benchmarks/bench_growth.py [SMALL LARGE [SHEET ...]]
"""

from __future__ import annotations

import csv
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SMALL, LARGE = 10_000, 100_000
START_UP = 3
BAR = 1.1
AGAIN = 2
LEAST = 0.1
HEADINGS = (
    "Microsoft ID",
    "Company name",
    "Primary domain name",
    "Qualification",
    "Education Segment",
    "Validation Code",
)
CHILD = """
import sys
from batchqual.cli import main
code = main(sys.argv[1:])
import psutil
spent = psutil.Process().cpu_times()
print(code, spent.user + spent.system, file=sys.stderr)
"""
SOUND_ENDS = (0, 3, 4)

Row = tuple[str, ...]


def ident(n: int) -> str:
    """An invented customer, scattered, since IDs that count up are taken for a filled-down column."""
    return f"{n * 7919 % 0xFFFFFFFF:08x}-0000-4000-8000-{n * 1_000_003 % 0xFFFFFFFFFFF:011x}a"


def school(n: int, domain: str = "") -> Row:
    """Customer ``n`` asks for Education."""
    return ident(n), f"Contoso School {n}", domain, "Education", "K12", ""


def agency(n: int, code: str, domain: str = "") -> Row:
    """Customer ``n`` asks for GCC."""
    return ident(n), f"Contoso Agency {n}", domain, "GCC", "", code


def unnamed(row: Row) -> Row:
    """The row by its domain alone."""
    return ("", *row[1:])


@dataclass(frozen=True)
class Sheet:
    """Rows 1, 2, 3 … of a kind of sheet; ``verbs`` are the commands that have something to do with it."""

    row: Callable[[int], Row]
    verbs: tuple[str, ...]


ALL = ("check", "plan", "run", "resume", "report")
UNSENT = ("check", "plan", "run", "report")
SHEETS = {
    "ordinary": Sheet(lambda n: school(n, f"school{n}.example"), ALL),
    "one ID, another code in each row": Sheet(lambda n: agency(1 if n == 1 else 2, str(n * 7919)), UNSENT),
    "codes that count up": Sheet(lambda n: agency(n, str(1_000_000 + n)), UNSENT),
    "IDs that count up": Sheet(lambda n: (f"0a1b2c3d-0000-4000-8000-{n:012d}", *school(n)[1:]), UNSENT),
    "one row, again and again": Sheet(lambda n: school(1 if n == 1 else 2), UNSENT),
    "one customer, Education and GCC": Sheet(
        lambda n: agency(2, "12345") if n % 2 else school(1 if n == 2 else 2), UNSENT
    ),
    "one domain beside and without IDs": Sheet(
        lambda n: school(n, "one.example") if n % 2 else unnamed(agency(n, str(n), "one.example")), UNSENT
    ),
    "one customer, many domains": Sheet(
        lambda n: (
            school(1 if n == 1 else 2, f"d{n}.example")
            if n % 2
            else unnamed(agency(n, "12345", f"d{n - 1}.example"))
        ),
        ("check",),
    ),
    "nothing but mistakes": Sheet(lambda n: (f"nonsense {n}", "", "a b", "Charity", "", ""), UNSENT),
}


def written(folder: Path, sheet: Sheet, rows: int) -> Path:
    """The sheet as a CSV file."""
    path = folder / "customers.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADINGS)
        lines.writerows(sheet.row(n) for n in range(1, rows + 1))
    return path


@contextmanager
def simulator() -> Iterator[str]:
    """A simulator whose vetting comes to no end; gives its address."""
    command = [sys.executable, "-m", "batchqual", "simulate", "--vetting-delay", "9e8:9e8"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def arguments(verb: str, folder: Path, path: Path, base_url: str) -> list[str]:
    """The command line of a verb."""
    ledger = ["--ledger", str(folder / "ledger.sqlite3")]
    service = ["--base-url", base_url, "--rate", "none", "--wait", "0", "--poll-min", "0.01s"]
    return {
        "check": ["check", str(path)],
        "plan": ["plan", str(path), *ledger, *service],
        "run": ["run", str(path), "--yes", *ledger, *service],
        "resume": ["resume", *ledger, *service],
        "report": ["report", *ledger],
    }[verb] + ["--quiet", "--report", str(folder / f"{verb}.xlsx")]


def cpu(line: list[str]) -> float:
    """Seconds of CPU that a command takes in a process of its own."""
    environment = os.environ | {"BATCHQUAL_ACCESS_TOKEN": "t"}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *line],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    code, seconds = done.stderr.splitlines()[-1].split()
    if int(code) not in SOUND_ENDS:
        raise SystemExit(f"batchqual {line[0]} ended with {code}: {done.stderr}")
    return float(seconds)


def measure(sheet: Sheet, rows: int) -> dict[str, float]:
    """Seconds of CPU for each verb, on one sheet with so many rows and a new ledger."""
    with tempfile.TemporaryDirectory() as name, simulator() as base_url:
        path = written(Path(name), sheet, rows)
        return {verb: cpu(arguments(verb, Path(name), path, base_url)) for verb in sheet.verbs}


def exponents(sizes: tuple[int, int], times: tuple[dict[str, float], ...]) -> dict[str, float]:
    """The growth of each verb between the two sizes, start-up taken off."""
    start_up, small, large = times
    found = {}
    for verb in start_up:
        ratio = max(large[verb] - start_up[verb], LEAST) / max(small[verb] - start_up[verb], LEAST)
        found[verb] = math.log(ratio) / math.log(sizes[1] / sizes[0])
    return found


def least(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    """The lesser time of each verb."""
    return {verb: min(one[verb], other[verb]) for verb in one}


def examine(name: str, sizes: tuple[int, int]) -> bool:
    """Measure one kind of sheet, and print its lines. Whether all is below the bar."""
    sheet = SHEETS[name]
    start_up = least(measure(sheet, START_UP), measure(sheet, START_UP))
    small, large = (measure(sheet, rows) for rows in sizes)
    found = exponents(sizes, (start_up, small, large))
    for _ in range(AGAIN):
        if max(found.values()) <= BAR:
            break
        large = least(large, measure(sheet, sizes[1]))
        found = exponents(sizes, (start_up, small, large))
    for verb, exponent in found.items():
        mark = "" if exponent <= BAR else "  above the bar"
        times = f"{start_up[verb]:7.2f} {small[verb]:8.2f} {large[verb]:9.2f}"
        tell(f"{name:34} {verb:8} {times} {exponent:9.2f}{mark}")
    return max(found.values()) <= BAR


def tell(line: str) -> None:
    """Say it at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """All sheets, or those that are named."""
    small, large = (int(text) for text in sys.argv[1:3]) if len(sys.argv) > 2 else (SMALL, LARGE)
    tell(f"seconds of CPU at {START_UP}, {small:,} and {large:,} rows; the bar is an exponent of {BAR}")
    tell(f"{'sheet':34} {'command':8} {'start':>7} {'small':>8} {'large':>9} {'exponent':>9}")
    sound = [examine(name, (small, large)) for name in sys.argv[3:] or SHEETS]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
