"""The doctor as a scheduler would call it: what is different there, and what ends it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.patient import Patient, named, patient_in
from support.program import until

from batchqual.doctor import State, as_scheduled, examine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="plays the folders of a POSIX account")


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Patient]:
    """A healthy one, whom a scheduler would serve as well."""
    with patient_in(tmp_path, monkeypatch) as found:
        found.has_service()
        yield found


async def test_proxies_and_certificates_of_a_variable_are_missed(patient: Patient) -> None:
    """A scheduler has neither, whether or not its examination comes as far as that; no value of Azure's is
    told, nor a password."""
    patient.set(base_url="https://api.contoso.example", authority="https://login.contoso.example")
    patient.patch.setenv("HTTPS_PROXY", "http://me:proxy-word@127.0.0.1:1")
    patient.patch.setenv("SSL_CERT_FILE", os.environ["BATCHQUAL_CA_BUNDLE"])
    patient.patch.setenv("AZURE_CLIENT_ID", "azure-word")
    flags = {"base_url": "https://api.contoso.example", "cloud": "global"}
    diagnosis = await as_scheduled(flags)
    found = named(diagnosis, "scheduled: place")
    assert State.WARN is found.state
    for words in (
        "proxy to the API host: here http://127.0.0.1:1, there none",
        f"trusted certificates: here {os.environ['SSL_CERT_FILE']}, there those of the system",
        "variables of Azure: here AZURE_CLIENT_ID, there none",
    ):
        assert words in found.words
    assert "HTTPS_PROXY" in found.fix
    assert "-word" not in repr(diagnosis)


async def test_without_a_network_the_proxies_are_told(patient: Patient) -> None:
    """Of both hosts; one that cannot be read is said to be so, and is the trouble of a later check."""
    patient.set(base_url="https://api.contoso.example", authority="https://login.contoso.example")
    patient.patch.setenv("HTTPS_PROXY", "http://127.0.0.1:99999")
    place = (await examine({}, network=False)).place
    hosts = ("sign-in host", "API host")
    assert ["one that cannot be read"] * 2 == [place[f"proxy to the {host}"] for host in hosts]
    found = named(await examine({}), "API host: proxy")
    assert (State.FAIL, True) == (found.state, "HTTPS_PROXY" in found.words), found


async def test_an_account_without_a_home_is_told_so(patient: Patient) -> None:
    """With what can be seen from here."""
    patient.patch.setenv("HOME", str(patient.folder / "nowhere"))
    diagnosis = await as_scheduled({})
    first, *others = diagnosis.findings
    assert (State.FAIL, "scheduled: process", 1) == (first.state, first.name, diagnosis.exit_code)
    assert f"The home folder {patient.folder / 'nowhere'} of this account is not there" in first.words
    assert State.PASS is next(one.state for one in others if one.name == "settings")
    assert diagnosis.settings


async def test_what_we_said_to_the_process_is_not_told_as_a_setting(patient: Patient) -> None:
    """Nobody typed --json."""
    told = {one.name: one for one in (await as_scheduled({})).settings}
    assert (True, "false") == (told["json"].is_default, told["json"].value)
    told = {one.name: one for one in (await as_scheduled({"json": True})).settings}
    assert "--json" == told["json"].origin


async def test_an_interruption_ends_the_other_process_too(patient: Patient) -> None:
    """It has no terminal, and would go on by itself."""
    number, program = patient.folder / "number", patient.folder / "program"
    program.write_text(f"#!/bin/sh\necho $$ > {number}.new\nmv {number}.new {number}\nexec sleep 600\n")
    program.chmod(0o700)
    patient.patch.setattr(sys, "executable", str(program))
    waiting = asyncio.create_task(as_scheduled({}))
    await until(number.exists)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(int(number.read_text()), 0)
