"""The documentation as tests read it: its pages, the commands and links on them, the codes in its tables."""

from __future__ import annotations

import functools
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.house import ROOT
from support.tree import files
from support.unmeasured import unmeasured

__all__ = [
    "Command",
    "Page",
    "commands",
    "exit_codes",
    "lost_links",
    "make_targets",
    "options",
    "pages",
    "verbs",
]

_SHELLS = {"", "sh", "shell", "bash", "console", "powershell", "text"}
_FENCE = re.compile(r"^([ \t]*)(```+)[ \t]*([\w-]*)[^\n]*\n(.*?)^\1\2[ \t]*$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown file; ``name`` is its path from the top of the project."""

    name: str
    text: str

    def blocks(self, *languages: str) -> list[str]:
        """The code blocks in one of these languages."""
        return [match[4] for match in _FENCE.finditer(self.text) if match[3].lower() in languages]

    @property
    def prose(self) -> str:
        """The text without its code blocks."""
        return _FENCE.sub("", self.text)

    @property
    def anchors(self) -> set[str]:
        """Where links to this page may point, as code hosts spell it."""
        return {_anchor(heading) for heading in _HEADING.findall(self.prose)}


@dataclass(frozen=True, slots=True)
class Command:
    """A call of batchqual that a page shows: its verb, and the options on it."""

    page: str
    line: str
    verb: str
    options: tuple[str, ...]


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower()).replace(" ", "-")


@functools.cache
def pages() -> tuple[Page, ...]:
    """Every Markdown page of the project."""
    found = [path for path in files() if path.suffix == ".md"]
    return tuple(Page(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in found)


def commands(page: Page) -> Iterator[Command]:
    """Every call of batchqual in the shell blocks and the inline code of a page."""
    for block in page.blocks(*_SHELLS):
        for line in re.sub(r"[\\`]\n\s*", " ", block).splitlines():
            for part in re.split(r"\||&&|;", line):
                yield from _command(page, part)
    for code in _INLINE.findall(page.prose):
        yield from _command(page, code)


def _command(page: Page, line: str) -> Iterator[Command]:
    call = re.match(
        r"^\s*(?:[$>]\s+|PS>\s+)?(?:\w+=\S*\s+)*(?:\S*python\S* -m )?(?:\S*/)?batchqual\s+(.+)$", line
    )
    if call is None:
        return
    words = shlex.split(call[1].replace("\\", "/"), comments=True)
    told = [
        re.sub(r"^-(\w)\1+$", r"-\1", word.split("=")[0]) for word in words if re.match(r"--?[A-Za-z]", word)
    ]
    verb = words[0] if words and re.fullmatch(r"[a-z]+", words[0]) else ""
    yield Command(page.name, line.strip(), verb, tuple(told))


def make_targets(page: Page) -> set[str]:
    """Every target that a page tells people to make."""
    told = [line for block in page.blocks(*_SHELLS) for line in block.splitlines()]
    told += _INLINE.findall(page.prose)
    return {match[1] for line in told if (match := re.match(r"^\s*(?:[$>]\s+)?make ([a-z]+)", line))}


def exit_codes(page: Page) -> list[set[int]]:
    """The codes of every table whose first column is called ``code`` or ``exit code``."""
    tables = re.findall(
        r"^\|[ ]*(?:exit )?code[ ]*\|.*\n\|[-| :]+\n((?:\|.*\n?)+)", page.text, re.MULTILINE | re.IGNORECASE
    )
    return [
        {int(code) for code in re.findall(r"^\|[ `]*(\d+)[ `]*\|", rows, re.MULTILINE)} for rows in tables
    ]


def lost_links(page: Page) -> list[str]:
    """Links of a page to files, and to headings, that are not there."""
    by_name = {one.name: one for one in pages()} | {page.name: page}
    lost = []
    for match in _LINK.finditer(page.prose):
        target = match[1] or match[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (ROOT / page.name).parent / path if path else ROOT / page.name
        name = _relative(there)
        known = by_name.get(name)
        if not (there.exists() or known) or (anchor and known and anchor not in known.anchors):
            lost.append(f"{page.name}: {target}")
    return lost


def _relative(path: Path) -> str:
    resolved = path.resolve()
    return resolved.relative_to(ROOT).as_posix() if resolved.is_relative_to(ROOT) else ""


@functools.cache
def options(verb: str = "") -> frozenset[str]:
    """The options that the help of a verb (or of the program) lists."""
    return frozenset(re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", _listed(_help(verb))))


@functools.cache
def verbs() -> tuple[str, ...]:
    """The verbs that the program's help lists."""
    listed = re.search(r"^Commands:\n((?:  .*\n|\n)+)", _help(""), re.MULTILINE)
    assert listed, "the help of the program lists no commands"
    return tuple(re.findall(r"^  ([a-z]+)", listed[1], re.MULTILINE))


def _listed(text: str) -> str:
    """The lines that introduce options, without their explanations."""
    heads = re.findall(r"^  (-.*?)(?:  |$)", text, re.MULTILINE)
    return "\n".join(heads)


@functools.cache
def _help(verb: str) -> str:
    command = [sys.executable, "-m", "batchqual", *filter(None, [verb]), "--help"]
    told = subprocess.run(
        command, env=unmeasured(), capture_output=True, encoding="utf-8", timeout=60, check=True
    )
    return told.stdout
