"""The bill of materials: CycloneDX 1.6 JSON from pyproject.toml and constraints.txt, the same each time.

Called as ``python -m support.bill FILE``.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["bill_of_materials", "main"]

_ROOT: Final = Path(__file__).parents[2]
_PIN: Final = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\\n]+?))?\s*(?:\\|$)"
)
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA: Final = re.compile(r"^\s+#(?: via)? +(?P<name>[\w.-]+)(?: \(.*)?$")


@dataclass(slots=True)
class _Pin:
    version: str
    marker: str | None
    hashes: list[str] = field(default_factory=list)
    wanted_by: set[str] = field(default_factory=set)


def bill_of_materials() -> dict[str, Any]:
    """The document. What runs is ``required``, the extras ``optional``, what only builds and tests
    ``excluded``; all hashes of a version's files stand as properties."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = _pins((_ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines())
    required = _closure(project["dependencies"], pins)
    extras = [one for extra in project["optional-dependencies"].values() for one in extra]
    optional = _closure(extras, pins) - required
    components = []
    for name, pin in sorted(pins.items()):
        scope = "required" if name in required else "optional" if name in optional else "excluded"
        told = [("marker", pin.marker)] if pin.marker else []
        told += [("sha256", one) for one in sorted(pin.hashes)]
        components.append(
            {
                "type": "library",
                "bom-ref": _reference(name, pin.version),
                "name": name,
                "version": pin.version,
                "scope": scope,
                "purl": _reference(name, pin.version),
                "properties": [{"name": f"batchqual:{key}", "value": value} for key, value in told],
            }
        )
    own = _reference("batchqual", project["version"])
    document: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "batchqual",
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
                "purl": own,
            }
        },
        "components": components,
        "dependencies": _dependencies(own, project["dependencies"], pins),
    }
    content = json.dumps(document, sort_keys=True)
    return {"serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, content).urn, **document}


def _pins(lines: Iterable[str]) -> dict[str, _Pin]:
    pins: dict[str, _Pin] = {}
    pin = _Pin("", None)
    for line in lines:
        if found := _PIN.match(line):
            pin = pins[canonicalize_name(found["name"])] = _Pin(found["version"], found["marker"])
        elif via := _VIA.match(line):
            pin.wanted_by.add(canonicalize_name(via["name"]))
        pin.hashes += _HASH.findall(line)
    return pins


def _closure(requirements: Iterable[str], pins: dict[str, _Pin]) -> set[str]:
    found: set[str] = {canonicalize_name(Requirement(one).name) for one in requirements}
    while more := {name for name, pin in pins.items() if pin.wanted_by & found} - found:
        found |= more
    return found


def _reference(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _dependencies(own: str, requirements: Iterable[str], pins: dict[str, _Pin]) -> list[dict[str, Any]]:
    direct = {canonicalize_name(Requirement(one).name) for one in requirements}
    edges = {own: sorted(_reference(name, pins[name].version) for name in direct)}
    for name, pin in pins.items():
        wants = [_reference(other, one.version) for other, one in pins.items() if name in one.wanted_by]
        edges[_reference(name, pin.version)] = sorted(wants)
    return [{"ref": name, "dependsOn": wants} for name, wants in sorted(edges.items())]


def main(arguments: list[str]) -> None:
    """Write it."""
    text = json.dumps(bill_of_materials(), indent=1) + "\n"
    Path(arguments[0]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
