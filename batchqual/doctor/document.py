"""A diagnosis as a document for scripts, and back: a scheduled examination is made by another process."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from .examination import Diagnosis
from .finding import Finding, State
from .listing import Setting

__all__ = ["diagnosis_in", "document_of"]


def document_of(diagnosis: Diagnosis) -> dict[str, object]:
    """The document. ``error`` is the first failure, as other verbs tell theirs."""
    first = diagnosis.first_failure
    return {
        "command": "doctor",
        "checks": [
            {"name": one.name, "state": one.state.value, "words": one.words, "fix": one.fix}
            for one in diagnosis.findings
        ],
        "settings": [asdict(one) for one in diagnosis.settings],
        "place": dict(diagnosis.place),
        "exit_code": diagnosis.exit_code,
        "error": first
        and {"code": "check-failed", "message": f"{first.name}: {first.words}", "hint": first.fix},
    }


def diagnosis_in(text: str) -> Diagnosis:
    """The diagnosis that a document tells. Raises ValueError for anything else."""
    try:
        told: dict[str, Any] = json.loads(text)
        code, failures = int(told["exit_code"]), 0
        findings = []
        for one in told["checks"]:
            state = State(one["state"])
            failures += state is State.FAIL
            first = code if state is State.FAIL and failures == 1 else 0
            findings.append(Finding(state, str(one["words"]), str(one["fix"]), first, str(one["name"])))
        settings = tuple(Setting(**one) for one in told["settings"])
        return Diagnosis(tuple(findings), settings, dict(told["place"]))
    except (KeyError, TypeError) as error:
        raise ValueError("no diagnosis") from error
