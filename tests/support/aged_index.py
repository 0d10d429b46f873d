"""The lock as it will be in a year: a package index in which every pinned package has a newer version.

Its wheels are empty, but their names, versions and requirements are those of the real ones, as they are
installed here. The project's build backend is one of them, so it hands out a wheel of the project.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from .house import ROOT
from .lock import needs_of, pins

__all__ = ["project_beside"]

_BACKEND = """import pathlib, shutil

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    [wheel] = pathlib.Path(__file__).parent.glob("*.whl")
    return pathlib.Path(shutil.copy(wheel, wheel_directory)).name
"""


def project_beside(folder: Path, needs: Iterable[Requirement]) -> Path:
    """A project with our make-env and a lock of its own, beside ``folder/index``; returns its folder.

    ``needs`` are the requirements of the project's own wheel.
    """
    index, project = folder / "index", folder / "project"
    (project / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "make-env", project / ".ci")
    shutil.copy(ROOT / "pyproject.toml", project)
    own_name, own = _wheel("batchqual", "1.0", list(needs), {})
    backend = {"hatchling/build.py": _BACKEND.encode(), f"hatchling/{own_name}": own}
    lock = []
    for name, pin in pins().items():
        [pinned] = pin.specifier
        within = backend if name == "hatchling" else {}
        versions = (pinned.version, _next(pinned.version))
        wheels = dict(_wheel(name, version, needs_of(name), within) for version in versions)
        _offer(index / name, wheels)
        digest = hashlib.sha256(next(iter(wheels.values()))).hexdigest()
        lock.append(f"{pin} --hash=sha256:{digest}\n")
    (project / "constraints.txt").write_text("".join(lock), encoding="utf-8")
    return project


def _next(version: str) -> str:
    """The next version within everybody's bounds: its last number counted up."""
    *kept, last = Version(version).release
    return ".".join(map(str, (*kept, last + 1)))


def _wheel(
    name: str, version: str, needs: list[Requirement], within: Mapping[str, bytes]
) -> tuple[str, bytes]:
    spelled = name.replace("-", "_")
    extras = sorted(set(_extras(needs)))
    head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    head += [f"Provides-Extra: {extra}" for extra in extras]
    head += [f"Requires-Dist: {need}" for need in needs]
    about = f"{spelled}-{version}.dist-info"
    contents = {
        **within,
        f"{about}/METADATA": "\n".join(head).encode() + b"\n",
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*contents, f"{about}/RECORD"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in {**contents, f"{about}/RECORD": record.encode()}.items():
            archive.writestr(path, content)
    return f"{spelled}-{version}-py3-none-any.whl", packed.getvalue()


def _extras(needs: Iterable[Requirement]) -> Iterator[str]:
    for need in needs:
        if need.marker is not None:
            yield from re.findall(r'extra == "([^"]+)"', str(need.marker))


def _offer(folder: Path, wheels: Mapping[str, bytes]) -> None:
    """A page of the index, as PEP 503 has it."""
    folder.mkdir(parents=True)
    for name, content in wheels.items():
        (folder / name).write_bytes(content)
    links = "".join(f'<a href="{name}">{name}</a>\n' for name in wheels)
    (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>\n{links}</body></html>", "utf-8")
