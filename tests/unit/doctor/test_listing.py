"""The settings as the doctor shows them."""

from __future__ import annotations

import pytest

from batchqual.doctor import document_of
from batchqual.doctor.document import diagnosis_in
from batchqual.doctor.examination import Diagnosis
from batchqual.doctor.finding import Finding, State
from batchqual.doctor.listing import Setting, listed
from batchqual.settings import Settings, load_settings


def shown(flags: dict[str, object], environ: dict[str, str] | None = None) -> dict[str, Setting]:
    """The settings by name."""
    return {one.name: one for one in listed(load_settings(flags, environ=environ or {}))}


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        pytest.param("rate", "none", "none", id="no rate"),
        pytest.param("rate", "0.5", "0.5", id="rate"),
        pytest.param("wait", "forever", "forever", id="without end"),
        pytest.param("patience", "90", "90s", id="duration"),
        pytest.param("max_failures", "10%", "10%", id="share"),
        pytest.param("max_failures", "7", "7", id="count"),
        pytest.param("map", ["customer_id=Tenant"], "customer_id=Tenant", id="headings"),
        pytest.param("report", ["a.xlsx", "b.json"], "a.xlsx, b.json", id="paths"),
        pytest.param("qualification", "EDU", "Education", id="qualification"),
        pytest.param("yes", True, "true", id="switch"),
        pytest.param("first", "3", "3", id="number"),
    ],
)
def test_a_value_is_shown_as_one_would_write_it(name: str, typed: object, value: str) -> None:
    """With the flag that said so."""
    found = shown({name: typed})[name]
    assert (value, f"--{name.replace('_', '-')}", False) == (found.value, found.origin, found.is_default)


def test_every_setting_is_there_once() -> None:
    """Also those at their defaults."""
    fields = [field.alias or name for name, field in Settings.model_fields.items() if name != "origins"]
    assert fields == list(shown({}))
    assert all(one.is_default for one in shown({}).values())


@pytest.mark.parametrize(
    "name", ["access_token", "client_secret", "client_certificate_password", "refresh_token"]
)
def test_a_secret_is_only_set(name: str) -> None:
    """Or it is not."""
    found = shown({}, {f"BATCHQUAL_{name.upper()}": "marked-secret"})[name]
    assert ("set", f"BATCHQUAL_{name.upper()}") == (found.value, found.origin)
    assert None is shown({})[name].value


def test_a_diagnosis_survives_its_document() -> None:
    """The other process's findings are told as they are, and the exit code belongs to the first failure."""
    import json

    findings = (
        Finding(State.WARN, "words", "fix", 0, "one"),
        Finding(State.FAIL, "words", "fix", 11, "two"),
        Finding(State.FAIL, "words", "fix", 11, "three"),
    )
    diagnosis = Diagnosis(findings, (Setting("rate", "2", "--rate"),), {"account": "batchqual"})
    again = diagnosis_in(json.dumps(document_of(diagnosis)))
    assert (11, diagnosis.settings, diagnosis.place) == (again.exit_code, again.settings, again.place)
    assert [one.name for one in findings] == [one.name for one in again.findings]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"exit_code": 0, "checks": [{}]}'])
def test_what_is_no_document_is_told_so(text: str) -> None:
    """By one kind of error."""
    with pytest.raises(ValueError, match=r".*"):
        diagnosis_in(text)
