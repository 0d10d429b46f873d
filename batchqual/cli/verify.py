"""`batchqual verify`: whether the ledger is as batchqual wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from batchqual.errors import LedgerError
from batchqual.telemetry import count_of

from . import console
from .declare import Flags, declare
from .driving import settings_and_voice
from .failure import Failure
from .options import VERIFY, Option

if TYPE_CHECKING:
    from batchqual.ledger import Audit, Finding

__all__ = ["add_to"]

_CONTAINS = Option(
    "contains", "Fail unless this hash, noted from an earlier verify, is in the chain.", "HASH"
)
_HASH_CHARACTERS = 64
_WHAT_TO_DO = (
    "Start no run with this file, and stop scheduled ones: what it has forgotten could be sent a second "
    "time. Put a copy of it aside, with the files beside it whose names end with -wal and -shm, and ask who "
    "opened it with another program. Then see whether your latest back-up is intact: `batchqual verify "
    "--ledger BACK-UP`. If it is, run with --ledger BACK-UP: every customer is looked up before anything is "
    "sent. Without one, wait a day and let a new ledger begin."
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "verify",
        _verify,
        summary="Check that nothing in the ledger was changed, left out or put in.",
        description=(
            "Walks the whole chain of the journal and names the first broken link; lives every request "
            "again, counts every run, and lets SQLite read the whole file. Works without the network, and "
            "while a run is on. Nothing is written."
        ),
        options=(_CONTAINS, *VERIFY),
        examples={
            "batchqual verify": "is the ledger whole?",
            "batchqual verify --contains HASH": "and does it go on from where it was when HASH was noted?",
        },
        exits={
            0: "nothing was found",
            1: "",
            2: "",
            11: "something is broken, or there is no ledger to read",
        },
    )


def _verify(flags: Flags) -> int:
    contains = _hash(flags.pop("contains", None))
    from batchqual.ledger import read_only
    from batchqual.target import target_of

    settings, _voice = settings_and_voice(flags)
    path = target_of(settings).ledger
    with read_only(path) as view:
        audit = view.audit(contains=contains)
    failure = None if audit.intact else _failure(str(path), audit)
    if settings.json_output:
        console.json_data(_document(str(path), audit, failure))
    else:
        console.data(f"Ledger {path}")
        console.data_lines(_lines(audit))
    if failure is None:
        return 0
    console.talk_error(failure.message, failure.hint)
    return failure.exit_code


def _hash(typed: object) -> str | None:
    if not typed:
        return None
    text = str(typed).strip().lower()
    if len(text) != _HASH_CHARACTERS:
        from batchqual.errors import UsageError

        raise UsageError(
            f"--contains takes a hash of {_HASH_CHARACTERS} characters.",
            hint="It stands at the end of what `batchqual verify` says.",
        )
    return text


def _lines(audit: Audit) -> list[str]:
    sizes = {"request": audit.requests, "event": audit.events, "run": audit.runs}
    lines = [", ".join(count_of(number, name) for name, number in sizes.items())]
    lines += [_line(finding) for finding in audit.findings]
    if audit.count > len(audit.findings):
        lines.append(f"... and {audit.count - len(audit.findings):,} more")
    if audit.head is None:
        lines.append("An older version wrote it: its chain begins with the next run.")
    elif audit.intact:
        lines.append(f"Intact. The chain of {count_of(audit.links, 'link')} ends with {audit.head}")
    return lines


def _line(finding: Finding) -> str:
    return f"{finding.check}: {finding.message}"


def _failure(path: str, audit: Audit) -> Failure:
    return Failure(
        LedgerError.exit_code,
        "ledger-not-intact",
        f"The ledger {path} is not as batchqual wrote it: {count_of(audit.count, 'finding')}. "
        f"The first: {audit.findings[0].message}",
        _WHAT_TO_DO,
    )


def _document(path: str, audit: Audit, failure: Failure | None) -> dict[str, object]:
    return {
        "command": "verify",
        "ledger": path,
        "intact": audit.intact,
        "requests": audit.requests,
        "events": audit.events,
        "runs": audit.runs,
        "links": audit.links,
        "head": audit.head,
        "findings": [
            {
                "check": finding.check,
                "message": finding.message,
                "link": finding.link,
                "event": finding.event,
                "request": finding.request,
                "customer_id": finding.customer_id,
                "run_id": finding.run_id,
            }
            for finding in audit.findings
        ],
        "found": audit.count,
        "exit_code": failure.exit_code if failure else 0,
        "error": {"code": failure.code, "message": failure.message, "hint": failure.hint}
        if failure
        else None,
    }
