"""The bill of materials names everything that is pinned, once, and is the same each time."""

from __future__ import annotations

import json
import re

from support.bill import bill_of_materials
from support.house import ROOT


def test_it_names_every_pinned_package_with_its_hashes() -> None:
    """No line of constraints.txt is missing, and each has its hashes."""
    pinned = re.findall(
        r"^([\w.-]+)==([^\s;\\]+)", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE
    )
    components = bill_of_materials()["components"]
    assert {f"pkg:pypi/{name.lower()}@{version}" for name, version in pinned} == {
        one["purl"] for one in components
    }
    assert len(pinned) == len(components)
    for one in components:
        assert any(told["name"] == "batchqual:sha256" for told in one["properties"]), one["name"]


def test_what_runs_is_told_from_what_tests() -> None:
    """By where it is wanted from, over any number of steps."""
    scopes = {one["name"]: one["scope"] for one in bill_of_materials()["components"]}
    assert ["required", "required", "optional", "excluded"] == [
        scopes[name] for name in ("aiohttp", "multidict", "azure-identity", "hypothesis")
    ]


def test_every_edge_leads_to_a_component() -> None:
    """And the program's own stand in it."""
    document = bill_of_materials()
    known = {one["bom-ref"] for one in (*document["components"], document["metadata"]["component"])}
    edges = {edge["ref"]: edge["dependsOn"] for edge in document["dependencies"]}
    assert known == edges.keys()
    assert set() == {name for wants in edges.values() for name in wants} - known
    assert 10 < len(edges[document["metadata"]["component"]["bom-ref"]])


def test_it_is_the_same_each_time() -> None:
    """Neither a clock nor chance is in it."""
    first, second = (json.dumps(bill_of_materials()) for _ in range(2))
    assert first == second
