"""An account of a machine on which the program runs with marked secrets, and which is searched afterwards:
what was said, the command lines of every process, and every file.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import secrets
import stat
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil
from openpyxl import load_workbook

from .command_line import QUICK, sheet
from .marked import Leak, Marks, written
from .program import Ended
from .sheets import customer
from .sign_in_server import APP, DESKTOP, TENANT, SignInServer
from .unmeasured import unmeasured

__all__ = ["CODE", "LEDGER", "Account", "Stage"]

CODE: Final = "validation code"
CODE_HEADING: Final = "Validation Code"
_BY_COLUMN: Final = {".xlsx", ".csv", ".json"}
_LOOKS_EVERY: Final = 0.02

#: How a process can speak.
VOICES: Final = {
    "text": {"BATCHQUAL_VERBOSE": "2"},
    "lines": {"BATCHQUAL_VERBOSE": "2", "BATCHQUAL_LOG_FORMAT": "json", "BATCHQUAL_JSON": "true"},
}
REPORTS: Final = {"text": ("xlsx",), "lines": ("csv", "json")}
LEDGER: Final = ("--ledger", "ledger.sqlite3")
#: What Python runs before the program, where a test wants something of it.
BEFOREHAND: Final = """
import os
if os.environ.get("MARKED_LOGGING"):
    import logging
    logging.basicConfig(level=logging.DEBUG)
exec(os.environ.get("MARKED_FIRST", ""))
"""


def _besides_the_codes(path: Path) -> bytes:
    """A report without the user's own column of validation codes."""
    if path.suffix == ".json":
        told = json.loads(path.read_text(encoding="utf-8"))
        for record in (*told.get("rows", ()), *told.get("earlier", ())):
            record["input"].pop(CODE_HEADING, None)
        return json.dumps(told, ensure_ascii=False).encode()
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _without_column(list(csv.reader(file)))
    book = load_workbook(path)
    return b"\n".join(_without_column(list(sheet.iter_rows(values_only=True))) for sheet in book.worksheets)


def _without_column(rows: Sequence[Sequence[object]]) -> bytes:
    own = {at for row in rows for at, value in enumerate(row) if value == CODE_HEADING}
    return "\n".join(
        str(value) for row in rows for at, value in enumerate(row) if at not in own and value is not None
    ).encode()


@dataclass(slots=True)
class Account:
    """Somebody's account on a machine: a home, a folder to work in and one for temporary files, all of them
    searched. ``given`` is for files that a test brings along, and is not. ``environ`` goes to each process.
    ``command_lines``: those of all processes and their children so far."""

    folder: Path
    marks: Marks
    environ: dict[str, str] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)
    command_lines: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for path in (self.home, self.work, self.temp, self.given):
            path.mkdir(parents=True)

    @property
    def home(self) -> Path:
        """The home folder, with the data folder in it."""
        return self.folder / "home"

    @property
    def work(self) -> Path:
        """The current folder."""
        return self.folder / "work"

    @property
    def temp(self) -> Path:
        """TMPDIR."""
        return self.folder / "temp"

    @property
    def given(self) -> Path:
        """What is there before."""
        return self.folder / "given"

    async def __call__(
        self,
        *arguments: object,
        environ: Mapping[str, str] | None = None,
        kill: Callable[[], bool] | None = None,
    ) -> Ended:
        """`batchqual` with these arguments, to its end, or to the moment when ``kill`` says so."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "batchqual", *map(str, arguments)),
            cwd=self.work,
            env=self._environment() | self.environ | dict(environ or {}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        watching = asyncio.create_task(_watch(process.pid, self.command_lines))
        try:
            talking = asyncio.create_task(process.communicate())
            while kill is not None and not talking.done():
                if kill():
                    process.kill()
                    break
                await asyncio.sleep(_LOOKS_EVERY)
            out, err = await talking
        finally:
            watching.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()
        done = Ended(process.returncode or 0, out.decode(), err.decode())
        assert any(str(arguments[0]) in line for line in self.command_lines), "nobody saw the command line"
        self.ended.append(done)
        return done

    def _environment(self) -> dict[str, str]:
        own = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"), str(self.home))
        own |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.temp))
        for name in ("DATA", "CONFIG", "CACHE", "STATE"):
            own[f"XDG_{name}_HOME"] = str(self.home / name.lower())
        # no test may write into the keyring of whoever runs it
        own["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
        return {**unmeasured(), **own, "PYTHONUTF8": "1"}

    def leaks(self) -> list[Leak]:
        """Everything that was said, shown to other processes or written, searched: but the store of tokens,
        which has to be for this account alone, and for validation codes the ledger and the user's column."""
        found = []
        for number, done in enumerate(self.ended, 1):
            found += self.marks.leaks(done.out.encode(), f"standard output {number}")
            found += self.marks.leaks(done.err.encode(), f"standard error {number}")
        for line in self.command_lines:
            found += self.marks.leaks(line.encode(), "a command line")
        for folder in (self.home, self.work, self.temp):
            for path, place, content in written(folder):
                found += self.marks.leaks(str(path.relative_to(folder)).encode(), "the name of a file")
                if "tokens." in path.name:
                    assert os.name == "nt" or 0o600 == stat.S_IMODE(path.stat().st_mode), path
                    continue
                is_report = folder == self.work and path.suffix in _BY_COLUMN
                has_codes = is_report or ".sqlite3" in path.name
                found += self.marks.leaks(content, place, but={CODE} if has_codes else ())
                if is_report and place == str(path.relative_to(folder)):
                    found += self.marks.leaks(_besides_the_codes(path), f"{place}, other columns")
        return found


async def _watch(pid: int, seen: set[str]) -> None:
    """The command lines of a process and of all that it starts, until cancelled."""
    while True:
        with suppress(psutil.Error):
            root = psutil.Process(pid)
            for one in (root, *root.children(recursive=True)):
                with suppress(psutil.Error):
                    seen.add("\0".join(one.cmdline()))
        await asyncio.sleep(_LOOKS_EVERY)


@dataclass(slots=True)
class Stage:
    """A sign-in service, a Partner Center, and an account for each voice."""

    folder: Path
    marks: Marks
    server: SignInServer
    code: str
    secret: str
    accounts: dict[str, Account] = field(default_factory=dict)

    def __post_init__(self) -> None:
        beforehand = self.folder / "beforehand"
        beforehand.mkdir(parents=True)
        (beforehand / "sitecustomize.py").write_text(BEFOREHAND, encoding="utf-8")
        for name, voice in VOICES.items():
            account = Account(self.folder / name, self.marks, {**voice, "PYTHONPATH": str(beforehand)})
            gcc = [(customer(n), "Contoso Hall", "GCC", "", self.code) for n in (50, 51)]
            wrong = [(customer(52), "Contoso Port", "GCC", "", f"{self.code} {self.code}")]
            sheet(account.given, 2, extra=[*gcc, *wrong])
            self.accounts[name] = account

    def outside(self, base_url: str) -> dict[str, str]:
        """Variables of an account with an access token from outside, as long as one is."""
        token = self.marks.new("outside-token", f"/+~={secrets.token_urlsafe(900)}")
        return {"BATCHQUAL_BASE_URL": base_url, "BATCHQUAL_ACCESS_TOKEN": token}

    def desktop(self, base_url: str = "") -> dict[str, str]:
        """Variables of an account where a person has to sign in."""
        return {
            "BATCHQUAL_BASE_URL": base_url,
            "BATCHQUAL_TENANT_ID": TENANT,
            "BATCHQUAL_CLIENT_ID": DESKTOP,
            "BATCHQUAL_AUTHORITY": self.server.url,
            "BATCHQUAL_CA_BUNDLE": str(self.server.ca_bundle),
            "BROWSER": self.server.browser,
        }

    def unattended(self, base_url: str) -> dict[str, str]:
        """Variables of an account with a refresh token and the secret of the app."""
        token = self.marks.add("configured refresh token", self.server.desk.new_refresh_token(APP))
        return {
            **self.desktop(base_url),
            "BATCHQUAL_CLIENT_ID": APP,
            "BATCHQUAL_CLIENT_SECRET": self.secret,
            "BATCHQUAL_REFRESH_TOKEN": token,
        }

    async def both(
        self,
        *arguments: object,
        environ: Mapping[str, str],
        codes: Collection[int],
        voices: Collection[str] = tuple(VOICES),
    ) -> list[Ended]:
        """The same command in each of the voices, at once; it has to end with one of ``codes``."""
        done = await asyncio.gather(*(self.accounts[name](*arguments, environ=environ) for name in voices))
        for one in done:
            assert one.exit_code in codes, f"{arguments}: {one.exit_code}\n{one.err}\n{one.out}"
        return done

    async def run(
        self,
        *more: object,
        environ: Mapping[str, str],
        codes: Collection[int] = (3,),
        voices: Collection[str] = tuple(VOICES),
    ) -> list[Ended]:
        """`batchqual run`, with reports. A row of the sheet is wrong, hence the 3."""
        done = await asyncio.gather(
            *(
                self.both(*self.line(name), *more, environ=environ, codes=codes, voices=[name])
                for name in voices
            )
        )
        return [one for [one] in done]

    def line(self, name: str) -> tuple[object, ...]:
        """A run on the command line of an account."""
        reports = (word for kind in REPORTS[name] for word in ("--report", f"out.{kind}"))
        quick = (*QUICK[:-1], "0.2s", "--wait", "3s")
        return ("run", self.accounts[name].given / "customers.csv", "--yes", *LEDGER, *reports, *quick)

    @property
    def leaks(self) -> list[str]:
        """What was found, in words."""
        return sorted({str(leak) for account in self.accounts.values() for leak in account.leaks()})
