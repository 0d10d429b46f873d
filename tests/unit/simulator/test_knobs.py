"""The table of options, and the settings behind it."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

import batchqual.simulator
from batchqual.simulator import (
    Code,
    Faults,
    Shapes,
    Simulator,
    SimulatorSettings,
    World,
    knobs,
    settings_from_options,
)


def test_every_knob_has_a_sentence() -> None:
    """Each help text begins with a capital and ends with a full stop; options are spelt once."""
    table = knobs()
    assert [] == [knob.name for knob in table if not (knob.help[0].isupper() and knob.help.endswith("."))]
    assert len(table) == len({knob.option for knob in table})
    assert {"--seed", "--fault-reset-after", "--shape-get", "--state"} <= {knob.option for knob in table}


def test_every_default_reads_as_itself() -> None:
    """The default that is shown, given as an option, changes nothing."""
    shown = {knob.name: knob.default for knob in knobs() if knob.default != "none" or "none" in knob.metavar}
    assert SimulatorSettings() == settings_from_options(shown)
    assert SimulatorSettings() == settings_from_options({})


def test_options_become_settings() -> None:
    """One of each kind of value."""
    told = settings_from_options(
        {
            "port": "8080",
            "vetting_delay": "1:2.5",
            "latency": "0.1",
            "rate": "5",
            "denied_shown": "inf",
            "tokens": "a, b,",
            "refusals": "codes=403/1,fetch=500",
            "state": "world.json",
            "deduplicate": "off",
            "unknown_customers": "strict",
            "fault_late": "0.1",
            "fault_scope": "writes",
            "shape_get": "wrapper",
            "shape_vary": "on",
        }
    )
    assert told == SimulatorSettings(
        port=8080,
        vetting_delay=(1.0, 2.5),
        latency=(0.1, 0.1),
        rate=5.0,
        denied_shown=math.inf,
        tokens=frozenset({"a", "b"}),
        refusals=("codes=403/1", "fetch=500"),
        state=Path("world.json"),
        deduplicate=False,
        unknown_customers="strict",
        faults=Faults(late=0.1, scope="writes"),
        shapes=Shapes(get="wrapper", vary=True),
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"speed": "1"}, "there is no knob 'speed'", id="unknown"),
        pytest.param({"port": "x"}, "--port: 'x' is not INTEGER", id="integer"),
        pytest.param({"shape_get": "list"}, "--shape-get: 'list' is not one of array, wrapper", id="choice"),
        pytest.param({"deduplicate": "yes"}, "--deduplicate: 'yes' is not one of on, off", id="switch"),
        pytest.param({"vetting_delay": "5:1"}, "vetting_delay must be two seconds", id="span"),
        pytest.param({"denial_rate": "2"}, "denial_rate must be between 0 and 1", id="rate"),
        pytest.param({"rate": "0"}, "rate must be above 0", id="pace"),
        pytest.param({"burst": "0"}, "burst must be 1 or more", id="burst"),
        pytest.param({"combination_status": "500"}, "combination_status must be 400 or 409", id="status"),
        pytest.param({"fault_html": "2"}, "the chance of html", id="fault"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, str], words: str) -> None:
    """The error says which option, which value, and what was expected."""
    with pytest.raises(ValueError, match=words):
        settings_from_options(options)


@pytest.mark.parametrize("text", ["invoices=403/1", "codes=no", "codes"])
def test_a_wrong_refusal_is_named(text: str) -> None:
    """The simulator does not start with an endpoint that it does not know."""
    with pytest.raises(ValueError, match="must be ENDPOINT=STATUS/CODE"):
        Simulator(SimulatorSettings(refusals=(text,)))


def test_codes_can_be_added_to_a_world() -> None:
    """A code that the world has already keeps what is left on it."""
    settings = SimulatorSettings(codes=("0123=5", "9=2"))
    world = Simulator(settings, World(codes=[Code("9", "Town", 4, 1)])).world
    assert [Code("9", "Town", 4, 1), Code("0123", max=5, remaining=5)] == list(world.codes.values())


@pytest.mark.parametrize("text", ["0123", "=5", "0123=many"])
def test_a_wrong_code_is_named(text: str) -> None:
    """A code needs its number of creates."""
    with pytest.raises(ValueError, match="must be CODE=CREATES"):
        Simulator(SimulatorSettings(codes=(text,)))


def test_read_lag_cannot_be_injected() -> None:
    """It belongs to a write's effect, not to a request."""
    with pytest.raises(ValueError, match="read_lag"):
        Simulator().inject("read_lag")


def test_the_table_costs_no_server() -> None:
    """Asking for the knobs does not load aiohttp."""
    code = "import sys, batchqual.simulator as s; s.knobs(); print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "False" == done.stdout.strip()


def test_names_that_are_not_there() -> None:
    """A misspelt name is an ordinary AttributeError, and every public name is there."""
    wrong = "Simulater"
    with pytest.raises(AttributeError, match="has no attribute 'Simulater'"):
        getattr(batchqual.simulator, wrong)
    assert all(getattr(batchqual.simulator, name) for name in batchqual.simulator.__all__)
