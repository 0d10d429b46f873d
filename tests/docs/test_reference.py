"""The reference pages say what the code says, name by name."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping

import pytest
from support.house import ROOT
from support.pages import Page, pages
from support.problem_codes import problem_codes

from batchqual.cli.exits import MEANINGS
from batchqual.durations import parse_duration
from batchqual.ingest import FIELDS
from batchqual.ingest.aliases import NEVER, STRONG, WEAK
from batchqual.ledger import State
from batchqual.ledger.transitions import MOVES
from batchqual.model import Outcome
from batchqual.report.columns import COLUMNS
from batchqual.report.meanings import EXIT_MEANINGS
from batchqual.settings import REHEARSAL, Settings, load_settings
from batchqual.simulator import World, knobs
from batchqual.telemetry import LOG_EVENTS

PAGES: Mapping[str, Page] = {page.name.removeprefix("docs/"): page for page in pages()}
DURATIONS = {
    *("wait", "poll_min", "poll_max", "patience", "recheck"),
    *("connect_timeout", "read_timeout", "request_timeout"),
}
SIZES = {"max_file_size", "max_unpacked_size", "max_answer_size"}
BOUNDS = {*SIZES, "max_cells", "max_columns", "connect_timeout", "read_timeout", "request_timeout"}
OF_SIGN_IN = {
    *("client_id", "client_secret", "client_certificate"),
    *("client_certificate_password", "refresh_token", "authority"),
}


def tables(name: str) -> Iterator[list[list[str]]]:
    """The tables of a page: rows of cells, without the headings."""
    for table in re.findall(r"^\|.*\|\n\|[-|]+\|\n((?:\|.*\|\n?)+)", PAGES[name].text, re.MULTILINE):
        yield [[cell.strip() for cell in line.strip("|\n ").split("|")] for line in table.splitlines()]


def words(cell: str) -> list[str]:
    """What stands in backquotes."""
    return re.findall(r"`([^`]+)`", cell)


def settings_table() -> dict[str, list[str]]:
    """The rows of the table of settings, by name."""
    return {words(row[0])[0]: row for row in next(tables("reference/settings.md"))}


def settings_by_name() -> dict[str, object]:
    """The settings with their defaults, by the name that people use."""
    fields = {field.alias or name: field for name, field in Settings.model_fields.items()}
    return {name: field.default for name, field in fields.items() if name != "origins"}


def test_every_setting_is_told_with_its_flag_and_its_variable() -> None:
    """settings.md has a row for each setting, no other, and the right variable in it."""
    table = settings_table()
    assert settings_by_name().keys() == table.keys()
    assert {name: [f"BATCHQUAL_{name.upper()}"] for name in table} == {
        name: words(row[2]) for name, row in table.items()
    }
    flags = {name: words(row[1]) for name, row in table.items() if row[1] != "none"}
    assert {name: [f"--{name.replace('_', '-')}"] for name in flags} == flags
    assert {"tenant_id", "ca_bundle", "access_token", *OF_SIGN_IN, *BOUNDS} == table.keys() - flags.keys()


@pytest.mark.parametrize("name", sorted(settings_by_name()))
def test_every_default_is_the_real_one(name: str) -> None:
    """The default that settings.md shows, and that of rehearse, are those of the code."""
    shown = words(settings_table()[name][3])
    default = settings_by_name()[name]
    if not shown:
        assert default in (None, ()) or name == "map"
    elif name in DURATIONS:
        assert default == parse_duration(shown[0])
    elif name in SIZES:
        assert default == getattr(load_settings({name: shown[0]}, environ={}), name)
    else:
        plain = f"{default:g}" if isinstance(default, float) else str(default)
        assert plain.lower() == shown[0].lower()
    rehearsal = REHEARSAL.get(name)
    assert [str(rehearsal)] * (rehearsal is not None) == shown[1:]


def test_every_knob_is_told_with_its_choices_and_default() -> None:
    """simulator.md has a row for each knob of the simulator, no other, with its values and its default."""
    rows = [row for table in tables("reference/simulator.md") for row in table if row[0].startswith("`--")]
    told = {words(option)[0]: (words(takes), words(default)) for option, takes, default, _ in rows}
    real = {knob.option: (list(knob.choices), [knob.default] * bool(knob.default)) for knob in knobs()}
    assert real == told


def test_the_world_file_on_the_page_is_one() -> None:
    """The world that simulator.md shows is one that the simulator takes."""
    (world,) = (json.loads(block) for block in PAGES["reference/simulator.md"].blocks("json"))
    assert 1 == len(list(World.from_dict(world)))


def test_every_outcome_is_told_with_its_class() -> None:
    """outcomes.md names the ten outcomes in the order of reports, each with its class."""
    told = [(words(row[0])[0], row[2]) for row in next(tables("reference/outcomes.md"))]
    assert [(outcome.value, outcome.attention.value) for outcome in Outcome] == told


def test_every_exit_code_is_told_in_the_order_of_help() -> None:
    """exit-codes.md, the help, and the workbook know the same codes."""
    told = [int(row[0]) for row in next(tables("reference/exit-codes.md"))]
    assert list(MEANINGS) == told
    assert EXIT_MEANINGS.keys() == set(told)


def test_every_column_of_the_report_is_told() -> None:
    """report.md names our columns in their order, with the heading that Excel shows."""
    told = next(rows for rows in tables("reference/report.md") if ["`row`", "Row"] == rows[0][:2])
    assert [(column.name, column.heading) for column in COLUMNS] == [
        (words(row[0])[0], row[1]) for row in told
    ]


def test_the_json_on_the_page_has_the_keys_of_the_document() -> None:
    """json.md shows every member, and every outcome."""
    (document,) = (json.loads(block) for block in PAGES["reference/json.md"].blocks("json"))
    assert {outcome.value for outcome in Outcome} == document["outcomes"].keys()
    assert 42 == document["rows_in"] == sum(document["outcomes"].values())
    source = (ROOT / "batchqual/report/document.py").read_text(encoding="utf-8")
    assert [] == [name for name in document if f'"{name}":' not in source]


def test_every_state_is_told_with_its_moves() -> None:
    """ledger.md has the table of legal moves."""
    told = {words(row[0])[0]: row[2] for row in tables_with(State.QUEUED, "reference/ledger.md")}
    assert {state.value for state in State} == told.keys()
    for state, moves in MOVES.items():
        named = {word for word in re.findall(r"[a-z_]+", told[state.value]) if word in told}
        assert {move.value for move in moves} == named, state


def tables_with(first: str, name: str) -> list[list[str]]:
    """The table of a page that begins with this word."""
    return next(rows for rows in tables(name) if words(rows[0][0]) == [first])


def test_every_event_of_the_history_is_told() -> None:
    """events.md names every word with which the ledger writes its history."""
    used = set[str]()
    for path in ((ROOT / "batchqual").glob(f"{part}/*.py") for part in ("ledger", "pipeline")):
        for one in path:
            used |= set(_event_words(ast.parse(one.read_text(encoding="utf-8"))))
    assert used == {words(row[0])[0] for row in tables_with("enrolled", "reference/events.md")}


def _event_words(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        given = [word.value for word in node.keywords if word.arg == "event"]
        if getattr(node.func, "attr", "") == "_line":
            given += node.args[:1]
        for value in given:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def test_every_log_line_is_told_with_its_level() -> None:
    """events.md names every log line that is spoken, with its level."""
    rows = tables_with("batchqual.run_started", "reference/events.md")
    told = {words(row[0])[0]: row[1] for row in rows}
    assert dict(LOG_EVENTS) == told


def test_every_field_and_heading_of_a_spreadsheet_is_told() -> None:
    """spreadsheet.md has the fields, and each heading that is known, in the order in which it is tried."""
    fields = tables_with("customer_id", "reference/spreadsheet.md")
    assert set(FIELDS) == {name for row in fields for name in words(row[0])}
    (headings,) = (
        rows for rows in tables("reference/spreadsheet.md") if "Customer Tenant ID" in "".join(rows[0])
    )
    told = {words(row[0])[0]: row[1:] for row in headings}
    for field in FIELDS:
        assert [list(STRONG[field]), list(WEAK[field])] == [cell.split(" · ") for cell in told[field]]
    assert [] == [name for name in NEVER if name not in PAGES["reference/spreadsheet.md"].text]


def test_every_problem_is_told() -> None:
    """spreadsheet.md explains every problem that ingest can name, and no other."""
    rows = tables_with("missing-customer-id", "reference/spreadsheet.md")
    assert problem_codes() == {code for row in rows for code in words(row[0])}
