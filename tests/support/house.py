"""The house as a plan that tests can read: its modules, parsed, and what each of them imports and says.

Every rule is a function of modules that gives back its findings as ``file:line: sentence``; an empty list is
a house in order. `module` makes one from a string, so that each rule can be shown what it forbids.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "ROOT",
    "Import",
    "Module",
    "bound_names",
    "breaches",
    "broad_catches",
    "calls",
    "cycles",
    "deep_entries",
    "house",
    "imports",
    "mentions",
    "module",
    "path_questions",
    "submodules",
    "unnamed",
    "unsaid",
    "unsized",
]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Module:
    """One source file. ``name`` is dotted: ``batchqual.ledger.book``, or ``batchqual.ledger`` itself."""

    name: str
    text: str
    is_package: bool = False

    @property
    def tree(self) -> ast.Module:
        """The parsed text."""
        return _parse(self.text)

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All that stands in the tree."""
        return _walk(self.text)

    @property
    def part(self) -> str:
        """The room it stands in: ``ledger``, ``errors``; empty for ``batchqual`` itself."""
        return _part(self.name)

    def at(self, node: ast.AST, sentence: str) -> str:
        """A finding."""
        return f"{self.name}:{getattr(node, 'lineno', 1)}: {sentence}"


@dataclass(frozen=True, slots=True)
class Import:
    """``target`` is absolute. ``at_start``: with the module itself, not in a function or for types alone."""

    target: str
    node: ast.stmt
    at_start: bool


@functools.cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


@functools.cache
def _walk(text: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_parse(text)))


def _part(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def module(name: str, text: str, *, is_package: bool = False) -> Module:
    """A module from a string."""
    return Module(name, text, is_package)


@functools.cache
def house() -> tuple[Module, ...]:
    """Every module of batchqual."""
    return tuple(_modules(ROOT / "batchqual"))


def _modules(top: Path) -> Iterator[Module]:
    for path in sorted(top.rglob("*.py")):
        parts = path.relative_to(top.parent).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        yield Module(name, path.read_text(encoding="utf-8"), is_package)


def imports(one: Module, known: Collection[str] = ()) -> Iterator[Import]:
    """What a module imports; ``from package import name`` is the submodule where ``known`` has it."""
    later = _not_at_start(one.text)
    for node in one.nodes:
        at_start = id(node) not in later
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node, at_start) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(one, node)
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield Import(inner if inner in known else source, node, at_start)


def _absolute(one: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    above = one.name.split(".")
    above = above[: len(above) - node.level + one.is_package]
    return ".".join([*above, *filter(None, [node.module])])


@functools.cache
def _not_at_start(text: str) -> set[int]:
    lazy: set[int] = set()
    for node in _walk(text):
        for_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if for_types or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lazy.update(id(inner) for inner in ast.walk(node))
    return lazy


def submodules(modules: Collection[Module]) -> frozenset[str]:
    """Names that are modules alone: not also those of a function that their package offers."""
    offered = {f"{one.name}.{name}" for one in modules if one.is_package for name in _offered(one)}
    return frozenset({one.name for one in modules} - offered)


def _offered(one: Module) -> Iterator[str]:
    for node in one.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            yield from (str(part.value) for part in ast.walk(node) if isinstance(part, ast.Constant))


def _ours(one: Module, known: Collection[str]) -> Iterator[Import]:
    for found in imports(one, known):
        if found.target.split(".")[0] == "batchqual":
            yield found


def breaches(one: Module, may_import: Mapping[str, Collection[str]], known: Collection[str]) -> list[str]:
    """Imports that the table does not allow. A part that the table lacks may import nothing."""
    allowed = {one.part, *may_import.get(one.part, ())}
    return [
        one.at(found.node, f"{one.part or 'batchqual'} may not import {_part(found.target) or 'batchqual'}")
        for found in _ours(one, known)
        if _part(found.target) not in allowed
    ]


def deep_entries(one: Module, known: Collection[str]) -> list[str]:
    """Imports that climb in through a window of another package."""
    return [
        one.at(found.node, f"enter {'.'.join(found.target.split('.')[:2])} through its front door")
        for found in _ours(one, known)
        if _part(found.target) != one.part and found.target.count(".") > 1
    ]


def cycles(modules: Collection[Module]) -> list[str]:
    """Circles of imports that happen while modules are being imported."""
    known = submodules(modules)
    names = {one.name for one in modules}
    graph = {
        one.name: {found.target for found in _ours(one, known) if found.at_start} & names - {one.name}
        for one in modules
    }
    findings, done = [], set[str]()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            findings.append(" -> ".join([*trail[trail.index(name) :], name]))
        elif name not in done:
            for target in sorted(graph[name]):
                visit(target, (*trail, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())
    return findings


def bound_names(one: Module) -> dict[str, str]:
    """What the names that a module imports stand for, with all dots, wherever it imports them."""
    bound: dict[str, str] = {}
    for node in one.nodes:
        if isinstance(node, ast.Import):
            bound |= {alias.asname: alias.name for alias in node.names if alias.asname}
            bound |= {
                top: top for alias in node.names if not alias.asname for top in alias.name.split(".")[:1]
            }
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(one, node)
            bound |= {alias.asname or alias.name: f"{source}.{alias.name}" for alias in node.names}
    return bound


def calls(one: Module, *names: str) -> list[str]:
    """Calls of a function by its dotted name, however it was imported."""
    origin = bound_names(one)
    found = []
    for node in one.nodes:
        if isinstance(node, ast.Call):
            spelled = ast.unparse(node.func)
            if origin.get(spelled, spelled) in names:
                found.append(one.at(node, f"calls {origin.get(spelled, spelled)}"))
    return found


def mentions(one: Module, modules: Collection[str], attributes: Mapping[str, Collection[str]]) -> list[str]:
    """Imports of ``modules``, and uses of ``attributes`` by their owner (``*``: anybody's)."""
    found = [
        one.at(each.node, f"imports {each.target}")
        for each in imports(one)
        if each.target.split(".")[0] in modules
    ]
    for node in one.nodes:
        if isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else "*"
            if node.attr in attributes.get(owner, ()) or node.attr in attributes.get("*", ()):
                found.append(one.at(node, f"uses {ast.unparse(node)}"))
        elif isinstance(node, ast.ImportFrom):
            found += [
                one.at(node, f"uses {node.module}.{alias.name}")
                for alias in node.names
                if alias.name in attributes.get(node.module or "", ())
            ]
    return found


def path_questions(
    one: Module, methods: Collection[str], functions: Collection[str], roles: Collection[str]
) -> list[str]:
    """Calls that ask the system about a path, but for those through one of ``roles``, and those in a block
    that turns the system's errors into words."""
    origin, watched = bound_names(one), _watched(one)
    found = []
    for node in one.nodes:
        if not isinstance(node, ast.Call) or node in watched:
            continue
        spelled = ast.unparse(node.func)
        spelled = origin.get(spelled, spelled)
        by_role = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in roles
        asks = isinstance(node.func, ast.Attribute) and node.func.attr in methods and not by_role
        if asks or spelled in functions or spelled.startswith("os.path."):
            found.append(one.at(node, f"asks {spelled}"))
    return found


_WATCHES = ("told(", "trouble_in_words(", "suppress(", "written_whole(")


def _watched(one: Module) -> set[ast.AST]:
    """All that stands in a block which expects trouble with a path."""
    watched: set[ast.AST] = set()
    for node in one.nodes:
        if isinstance(node, ast.With):
            expects = any(word in ast.unparse(item) for item in node.items for word in _WATCHES)
        elif isinstance(node, ast.Try):
            caught = [ast.unparse(handler.type) for handler in node.handlers if handler.type]
            expects = any("OSError" in words or "RuntimeError" in words for words in caught)
        else:
            continue
        if expects:
            watched.update(inner for part in ast.iter_child_nodes(node) for inner in ast.walk(part))
    return watched


def unsized(one: Module, *, lines: int, function_lines: int) -> list[str]:
    """Modules and functions that have grown too long."""
    length = one.text.count("\n")
    found = [one.at(one.tree, f"has {length} lines")] if length > lines else []
    for node in one.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > function_lines:
                found.append(one.at(node, f"{node.name} has {length} lines"))
    return found


def unnamed(one: Module, forbidden: Collection[str]) -> list[str]:
    """Modules and classes whose name says nothing."""
    classes = [node for node in one.nodes if isinstance(node, ast.ClassDef)]
    names: list[tuple[ast.AST, str]] = [(one.tree, one.name.rpartition(".")[2])]
    return [
        one.at(node, f"{name} says nothing: name what it does")
        for node, name in [*names, *((node, node.name) for node in classes)]
        if {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", name)} & set(forbidden)
    ]


def unsaid(one: Module) -> list[str]:
    """Modules without a docstring, packages without ``__all__``."""
    found = [] if ast.get_docstring(one.tree) else [one.at(one.tree, "has no docstring")]
    if one.is_package and not any(_offered(one)):
        found.append(one.at(one.tree, "has no __all__"))
    return found


def broad_catches(one: Module) -> list[str]:
    """Handlers that swallow everything, with no comment on their line or the next that says why."""
    lines = one.text.splitlines()
    found = []
    for node in one.nodes:
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = node.type is None or bool(re.search(r"\b(Base)?Exception\b", ast.unparse(node.type)))
        raised_again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
        if (
            broad
            and not raised_again
            and not any("#" in line for line in lines[node.lineno - 1 : node.lineno + 1])
        ):
            found.append(one.at(node, "catches everything, and does not say why"))
    return found
