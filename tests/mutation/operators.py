"""Every mutant of a source text: a small change that a test should notice."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

from mutation.changes import Place, others, places

__all__ = ["Mutant", "Source"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. ``where`` is the qualified name around it, ``before`` and ``after`` show it, ``nth`` tells
    equal ones of one place apart; ``lines`` are those of the changed node, the statement's first in front."""

    where: str
    before: str
    after: str
    nth: int
    lines: tuple[int, ...]
    code: CodeType

    @property
    def name(self) -> str:
        """The same for as long as this place reads as it does, wherever in the file it stands."""
        return f"{self.where}: {self.before} -> {self.after}" + (f" #{self.nth}" if self.nth > 1 else "")


class Source:
    """One file, and the mutants of it. The tree is changed for each and mended behind it."""

    def __init__(self, text: str, path: str) -> None:
        self._path = path
        self._tree = ast.parse(text, path)
        self._seen = Counter[tuple[str, str, str]]()

    def mutants(self) -> Iterator[Mutant]:
        """All of them, in the order of the file. Each is made when it is asked for."""
        yield from self._inside(self._tree, (), None)

    def _inside(self, node: ast.AST, names: tuple[str, ...], statement: ast.stmt | None) -> Iterator[Mutant]:
        for place in places(node):
            inner = place.node
            around = inner if isinstance(inner, ast.stmt) else statement
            for other in others(place, in_function=_in_function(names)):
                yield self._made(place, other, names, around)
            if isinstance(inner, (*_FUNCTIONS, ast.ClassDef)):
                # as a code object is named, so that the function is found again
                mark = ("<locals>",) if _in_function(names[-1:]) else ()
                yield from self._inside(inner, (*names, *mark, inner.name), around)
            else:
                yield from self._inside(inner, names, around)

    def _made(
        self, place: Place, other: ast.AST, names: tuple[str, ...], statement: ast.stmt | None
    ) -> Mutant:
        node = place.node
        shown = place.parent if isinstance(node, ast.Constant | ast.Name | ast.keyword) else node
        where = ".".join(names) or "<module>"
        before = _text(shown)
        ast.copy_location(other, node)
        place.put(ast.fix_missing_locations(other))
        after = _missing(node, other) or _text(shown if shown is not node else other)
        code = compile(self._tree, self._path, "exec")
        place.put(node)
        self._seen[where, before, after] += 1
        first = getattr(node, "lineno", statement.lineno if statement else 1)
        last = getattr(node, "end_lineno", first)
        lines = (statement.lineno if statement else first, *range(first, last + 1))
        return Mutant(where, before, after, self._seen[where, before, after], lines, code)


def _in_function(names: tuple[str, ...]) -> bool:
    return any(name[:1].islower() or (name.startswith("_") and name[1:2].islower()) for name in names)


def _text(node: ast.AST) -> str:
    """The first line of it: the head of what has a body."""
    line = ast.unparse(node).strip().splitlines()[0]
    return line if len(line) <= 150 else f"{line[:110]} ... {line[-35:]}"


def _missing(node: ast.AST, other: ast.AST) -> str:
    """What was taken away, where something was."""
    if isinstance(other, ast.Pass):
        return "(gone)"
    if isinstance(node, ast.BoolOp) and other in node.values:
        return " ".join(f"(without {_text(one)})" for one in node.values if one is not other)
    if type(node) is type(other):
        for field in ("keywords", "keys", "elts", "values", "cases"):
            more, fewer = getattr(node, field, []), getattr(other, field, [])
            if len(more) == len(fewer) + 1:
                gone = next(one for one in more if not any(one is kept for kept in fewer))
                return f"(without {_text(gone) if gone else 'what is unpacked'})"
    return ""
