"""What pip-audit found, in words that claim no more than it did: which pins were compared with the
advisories, which were not, and which have one.

Called as ``python -m support.advisories FOUND.json CONSTRAINTS``; ends with 1 unless every pin that this
platform uses was compared and none has an advisory.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["Audit", "audit_of", "main"]

_PIN: Final = re.compile(r"^[\w.-]+==[^\\\n]+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Audit:
    """Names of pins: ``clean`` and ``weak`` (with their advisories) were compared, ``untold`` (with why not)
    were not, and ``elsewhere`` are for other platforms."""

    clean: tuple[str, ...]
    weak: Mapping[str, tuple[str, ...]]
    untold: Mapping[str, str]
    elsewhere: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether something was compared, nothing left out, and nothing found."""
        return bool(self.clean) and not self.weak and not self.untold

    @property
    def lines(self) -> Iterator[str]:
        """The same in sentences."""
        compared = len(self.clean) + len(self.weak)
        yield f"Compared with the advisories: {compared} of {compared + len(self.untold)} pinned packages."
        if self.elsewhere:
            yield f"Not asked about, since they are for other platforms: {', '.join(self.elsewhere)}."
        for name, advisories in self.weak.items():
            yield f"{name}: {'; '.join(advisories)}"
        for why in sorted(set(self.untold.values())):
            names = [name for name, reason in self.untold.items() if reason == why]
            yield f"NOT CHECKED ({why}): {', '.join(names)}."
        if not compared:
            yield "Nothing was checked, so nothing is known about these packages."
        yield f"{'passed' if self.passed else 'FAILED'}: {len(self.weak)} with an advisory."


def audit_of(found: Mapping[str, Any] | None, constraints: str) -> Audit:
    """The report of pip-audit (``--format json``) held against the pins; None where it wrote none."""
    here, elsewhere = _pins(constraints)
    told: dict[str, Any] = {
        canonicalize_name(one["name"]): one for one in (found or {}).get("dependencies", ())
    }
    clean, weak, untold = [], {}, {}
    for name in here:
        one = told.get(name)
        if one is None:
            untold[name] = "pip-audit did not tell of it" if found else "pip-audit came to no end"
        elif "skip_reason" in one:
            untold[name] = one["skip_reason"].split(": ")[0]
        elif one["vulns"]:
            weak[f"{name} {one['version']}"] = tuple(map(_advisory, one["vulns"]))
        else:
            clean.append(name)
    return Audit(tuple(clean), weak, untold, tuple(elsewhere))


def _pins(constraints: str) -> tuple[list[str], list[str]]:
    pins = [Requirement(line.strip()) for line in _PIN.findall(constraints)]
    names: tuple[list[str], list[str]] = [], []
    for pin in pins:
        names[pin.marker is not None and not pin.marker.evaluate()].append(canonicalize_name(pin.name))
    return names


def _advisory(one: Mapping[str, Any]) -> str:
    mended: Iterable[str] = one.get("fix_versions") or ()
    return f"{one['id']}, mended in {' or '.join(mended) or 'no version yet'}"


def main(arguments: list[str]) -> int:
    """Say it; 0 when it passed."""
    report, constraints = map(Path, arguments)
    text = report.read_text(encoding="utf-8") if report.exists() else ""
    audit = audit_of(json.loads(text) if text.strip() else None, constraints.read_text(encoding="utf-8"))
    print(*audit.lines, sep="\n")  # noqa: T201 - what a script says to whoever called it
    return 0 if audit.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
