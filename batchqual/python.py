"""The tool from Python: one customer in three lines, or a whole run from a notebook or another program."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from .clouds import CLOUDS
from .composition import read_input
from .composition import run as run_command
from .events import Listener, deaf
from .model import Intake
from .partnercenter import (
    Connection,
    GivenToken,
    PartnerCenter,
    Privileges,
    TokenProvider,
    check_base_url,
    open_partner_center,
)
from .pipeline import StopSwitch
from .report import RunReport
from .settings import Settings, load_settings

__all__ = ["connect", "read_rows", "run"]


def connect(
    token: str | TokenProvider,
    *,
    base_url: str = CLOUDS["global"].api,
    api: str = "asynchronous",
    rate: float | None = 5.0,
    concurrency: int = 16,
    ca_bundle: Path | None = None,
) -> AbstractAsyncContextManager[PartnerCenter]:
    """Partner Center for the length of an ``async with`` block, paced and retrying as a run is.

    ``token`` is an access token, or something that gives tokens; ``rate`` in requests a second. Nothing is
    remembered: keep the request id of a submission, and look before you submit again. Raises UsageError for
    an address that is not https (or loopback), SignInNeeded for what cannot be a token.
    """
    tokens = GivenToken(token, source="the token that was given") if isinstance(token, str) else token
    options = Connection(
        base_url=check_base_url(base_url), api=api, rate=rate, concurrency=concurrency, ca_bundle=ca_bundle
    )
    return open_partner_center(options, tokens)


def read_rows(*paths: str | Path, settings: Settings | None = None) -> Intake:
    """Every row of the files with the request it makes, or with what is wrong with it. Raises InputError."""
    return read_input([str(path) for path in paths], settings or load_settings({}))


async def run(
    source: Sequence[str | Path] | Intake,
    settings: Settings,
    *,
    say: Listener = deaf,
    stop: StopSwitch | None = None,
    tokens: TokenProvider | Privileges | None = None,
) -> RunReport:
    """Do what ``batchqual run`` does, and return its report; ``source`` is files, or rows that were read.

    Submissions are only made when ``settings.yes`` is true: nobody can be asked here. Raises UsageError,
    InputError and LedgerError before anything is sent; what stops a run later is the report's ``error``.
    """
    intake = source if isinstance(source, Intake) else None
    paths = [] if isinstance(source, Intake) else [str(path) for path in source]
    return await run_command("run", paths, settings, say=say, stop=stop, intake=intake, tokens=tokens)
