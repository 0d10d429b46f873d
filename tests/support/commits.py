"""The acts of a program (`support.acts`) beside which no fail point stands.

An act has a point *before* it if ``reached("...")`` is a statement before its own in the same block, and one
*after* it accordingly. Between the two nothing may be called or awaited, in a branch neither. Where the
block of a ``with``, a ``try`` or an ``if`` begins, what is before it counts; where it ends, what is after it.
A loop ends the search, as does the beginning of a handler and, behind an act, whatever may leave the way to
the point. An ``if`` that leaves (returns, raises, goes on with the loop) does not lie before what follows it.

Where nothing but calls that are no acts stands between an act and the beginning or the end of its function,
each call of that function is an act that needs the same point; a function that nobody calls by its name has
none.

What is handed to the writer and not awaited needs a point before it. A submission needs one at the beginning
of each handler, too: an exception is an answer.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeGuard

from support.acts import Call, Function, Side, Source, needs
from support.house import Module

__all__ = ["Bare", "bare_acts"]

_COMPOUND = (
    *(ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
)
_LEAVES = ast.Return | ast.Raise | ast.Continue | ast.Break


class Bare(NamedTuple):
    """An act without a point on one side of it."""

    function: str
    act: str
    side: Side


def bare_acts(modules: Collection[Module], writes: Collection[str], submits: Collection[str]) -> list[Bare]:
    """The acts without a point, sorted. ``writes`` and ``submits`` are names of methods."""
    return sorted(_Search(modules, writes, submits).bare())


@dataclass(frozen=True, slots=True)
class _Edge:
    """The search came to the beginning or the end of a function."""

    function: Function


class _Search:
    """Which acts there are grows while the calls of functions become acts."""

    def __init__(
        self, modules: Collection[Module], writes: Collection[str], submits: Collection[str]
    ) -> None:
        sources = [Source(one) for one in modules]
        self._exported = {
            f"{each.module.name}.{key}": name for each in sources for key, name in each.bound.items()
        }
        self._calls: dict[str, list[Call]] = {}
        self._acts: dict[ast.Call, tuple[Call, dict[Side, None]]] = {}
        for call in (call for each in sources for call in each.calls()):
            name = self._real(call.source.dotted(call.node.func))
            self._calls.setdefault(name, []).append(call)
            for side in needs(call, name, writes, submits):
                self._need(call, side)

    def _real(self, name: str) -> str:
        while name in self._exported and self._exported[name] != name:
            name = self._exported[name]
        return name

    def _need(self, call: Call, side: Side) -> None:
        self._acts.setdefault(call.node, (call, {}))[1][side] = None

    def bare(self) -> list[Bare]:
        """The last look, when no more acts are found."""
        count, found = 0, list[Bare]()
        while count != (now := sum(len(sides) for _, sides in self._acts.values())):
            count = now
            todo = [(act, side) for act, sides in self._acts.values() for side in sides]
            found = [bare for act, side in todo for bare in self._look(act, side)]
        return found

    def _look(self, act: Call, side: Side) -> Iterator[Bare]:
        end = self._way(act, side)
        if isinstance(end, _Edge):
            callers = self._calls.get(act.source.path(end.function), [])
            for call in callers:
                self._need(call, side)
            end = bool(callers)
        if not end:
            yield Bare(act.source.path(act.source.function(act.node)), act.name, side)

    def _way(self, act: Call, side: Side) -> bool | _Edge:
        """Whether a point is come to."""
        statement = act.source.statement(act.node)
        if side == "in a handler":
            tried = next(each for each in act.source.up(statement) if isinstance(each, ast.Try | Function))
            return isinstance(tried, Function) or all(_is_point(each.body[0]) for each in tried.handlers)
        if isinstance(statement, _COMPOUND) or self._is_on_the_way(statement, besides=act):
            return False
        step = self._back if side == "before" else self._on
        return step(act.source, statement)

    def _is_on_the_way(self, part: ast.AST, besides: Call | None = None) -> bool:
        """Whether something is awaited or committed in it."""
        own = {besides.node, besides.source.above[besides.node]} if besides else set()
        waits = ast.Await | ast.AsyncFor | ast.AsyncWith
        return any(
            (isinstance(node, waits) or node in self._acts) and node not in own for node in ast.walk(part)
        )

    def _back(self, source: Source, statement: ast.stmt, *, far: bool = False) -> bool | _Edge:
        outer = source.above[statement]
        before, inner = _before(outer, statement)
        for each in reversed(before):
            if _is_point(each):
                return not far
            passed = each.test if _leaves_in_its_branch(each) else each
            if self._is_on_the_way(passed):
                return False
            far = far or _calls(passed)
        if isinstance(outer, Function):
            return _Edge(outer)
        if not inner or not isinstance(outer, ast.stmt) or self._heads(outer):
            return False
        return self._back(source, outer, far=far)

    def _on(self, source: Source, statement: ast.stmt, *, far: bool = False) -> bool | _Edge:
        outer, function = source.above[statement], source.function(statement)
        after = [] if isinstance(statement, ast.Return) else _after(outer, statement)
        if isinstance(outer, ast.ExceptHandler):
            outer = source.above[outer]
            after += outer.finalbody if isinstance(outer, ast.Try) else []
        for each in after:
            if _is_point(each):
                return not far
            if isinstance(each, ast.Return) and not self._is_on_the_way(each):
                return _Edge(function) if function else False
            if self._is_on_the_way(each) or any(isinstance(node, _LEAVES) for node in ast.walk(each)):
                return False
            far = far or _calls(each)
        if function and (isinstance(outer, Function) or isinstance(statement, ast.Return)):
            return _Edge(function)
        return isinstance(outer, ast.If | ast.With | ast.Try) and self._on(source, outer, far=far)

    def _heads(self, outer: ast.stmt) -> bool:
        """Whether something happens in the head of a statement."""
        heads = [each.context_expr for each in outer.items] if isinstance(outer, ast.With) else []
        heads += [outer.test] if isinstance(outer, ast.If) else []
        return any(self._is_on_the_way(each) for each in heads)


def _is_point(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and _reaches(statement.value)


def _reaches(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "reached"


def _calls(part: ast.AST) -> bool:
    return any(isinstance(node, ast.Call) and not _reaches(node) for node in ast.walk(part))


def _leaves_in_its_branch(statement: ast.stmt) -> TypeGuard[ast.If]:
    """Whoever comes past it was not in its branch."""
    return isinstance(statement, ast.If) and not statement.orelse and isinstance(statement.body[-1], _LEAVES)


def _before(outer: ast.AST, statement: ast.stmt) -> tuple[list[ast.stmt], bool]:
    """The statements before one in its block, and whether whoever comes to the block came by what is before
    it."""
    blocks = _blocks(outer)
    [name] = [name for name, block in blocks.items() if statement in block]
    before = [*blocks[name][: blocks[name].index(statement)]]
    if isinstance(outer, ast.Try) and name == "orelse":
        return [*outer.body, *before], True
    return before, isinstance(outer, ast.With | ast.If) or (isinstance(outer, ast.Try) and name == "body")


def _after(outer: ast.AST, statement: ast.stmt) -> list[ast.stmt]:
    """The statements after one, in the blocks that come after its own."""
    blocks = _blocks(outer)
    [name] = [name for name, block in blocks.items() if statement in block]
    after = [*blocks[name][blocks[name].index(statement) + 1 :]]
    if isinstance(outer, ast.Try):
        after += outer.orelse if name == "body" else []
        after += outer.finalbody if name != "finalbody" else []
    return after


def _blocks(outer: ast.AST) -> Mapping[str, list[ast.stmt]]:
    names = ("body", "orelse", "finalbody")
    return {name: getattr(outer, name) for name in names if isinstance(getattr(outer, name, None), list)}
