"""Making the checks, one after the other. Nothing that they meet comes out as an error."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field, replace

from batchqual.clock import Clock, SystemClock
from batchqual.errors import BatchqualError

from .facts import Facts
from .finding import Check, Finding, State, failed, skipped
from .listing import Setting, listed
from .order import CHECKS

__all__ = ["Diagnosis", "examine"]

_MEND = "Correct what it names, then call `batchqual doctor` again."


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, in the order of the checks; the settings, none when they could not be read; and where
    this process stands, by name."""

    findings: tuple[Finding, ...]
    settings: tuple[Setting, ...] = ()
    place: Mapping[str, str] = field(default_factory=dict)

    @property
    def first_failure(self) -> Finding | None:
        """The one that says how a run would end."""
        return next((one for one in self.findings if one.state is State.FAIL), None)

    @property
    def exit_code(self) -> int:
        """0, or that of the first failure."""
        return self.first_failure.exit_code if self.first_failure else 0


async def examine(
    flags: Mapping[str, object], *, network: bool = True, clock: Clock | None = None
) -> Diagnosis:
    """Make all checks, or without ``network`` those that stay on this machine. ``flags`` as typed."""
    facts = Facts(flags, clock or SystemClock())
    findings: dict[str, Finding] = {}
    for check in CHECKS:
        if network or not check.network:
            findings[check.name] = await _made(check, facts, findings)
    settings = listed(facts.settings) if findings["settings"].state is State.PASS else ()
    return Diagnosis(tuple(findings.values()), settings, facts.place)


async def _made(check: Check, facts: Facts, before: Mapping[str, Finding]) -> Finding:
    missing = next((before[name] for name in check.needs if _is_no_ground(before[name])), None)
    if missing is not None:
        failure = missing.state is State.FAIL
        found = skipped(f"Not checked, because this failed: {missing.name}." if failure else missing.words)
    else:
        found = await _looked(check, facts)
    exit_code = (found.exit_code or check.exit_code) if found.state is State.FAIL else 0
    return replace(found, name=check.name, exit_code=exit_code)


def _is_no_ground(needed: Finding) -> bool:
    return needed.state in (State.FAIL, State.SKIPPED)


async def _looked(check: Check, facts: Facts) -> Finding:
    try:
        found = check.look(facts)
        return await found if isinstance(found, Awaitable) else found
    except BatchqualError as error:
        return failed(error.message, error.hint or _MEND, error.exit_code)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        place = f" ({error.filename})" if isinstance(error.filename, str) else ""
        return failed(f"{reason}{place}.", "Check who may use it, or choose another place.")
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are made, and this one says so
        return failed(
            f"Something went wrong that nobody foresaw ({type(error).__name__}).", "Please report it.", 1
        )
