"""Small changes of a syntax tree: what else could stand in a place."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Place", "others", "places"]

T = TypeVar("T", bound=ast.AST)

#: Exchanged in both of its readings: at the bound, and altogether.
_FLIPS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_SUMS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+").fullmatch
#: Keywords whose text is a promise and not only a sentence.
_SPOKEN = {"code", "event"}
#: Keywords whose text is only a sentence.
_SENTENCES = {"hint"}
#: Statements that a function can do without as far as the compiler knows.
_DELETABLE = (
    ast.Assign,
    ast.AnnAssign,
    ast.AugAssign,
    ast.Expr,
    ast.Raise,
    ast.Break,
    ast.Continue,
    ast.Delete,
)
#: Killing the program there is what the crash suite does, and it shows that each is come to.
_FAIL_POINT = "reached"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node hangs, and on what."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def places(node: ast.AST) -> Iterator[Place]:
    """The children that may be changed: no annotations, docstrings or lists of public names."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases", "type_params"):
            continue
        if isinstance(value, ast.AST):
            yield Place(node, field, None, value)
        elif isinstance(value, list):
            yield from (
                Place(node, field, index, one)
                for index, one in enumerate(value)
                if isinstance(one, ast.AST) and not _is_scenery(one)
            )


def _is_scenery(node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring, or the three dots of a protocol
    if isinstance(node, ast.Expr) and _called(node.value) == _FAIL_POINT:
        return True
    if isinstance(node, ast.Assign):
        return any(isinstance(one, ast.Name) and one.id == "__all__" for one in node.targets) or (
            _called(node.value) == "TypeVar"
        )
    return False


def _called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def others(place: Place, *, in_function: bool) -> Iterator[ast.AST]:
    node = place.node
    if isinstance(node, ast.stmt):
        yield from _statements(node, in_function=in_function)
    elif isinstance(node, ast.ExceptHandler):
        yield from _handlers(node)
    elif isinstance(node, ast.Constant):
        yield from _constants(place, node)
    elif isinstance(node, ast.expr):
        yield from _expressions(place, node, in_function=in_function)
    if place.field in ("test", "ifs") and not isinstance(node, ast.Compare | ast.UnaryOp | ast.Constant):
        yield ast.UnaryOp(ast.Not(), _expression(node))


def _statements(node: ast.stmt, *, in_function: bool) -> Iterator[ast.AST]:
    if in_function and isinstance(node, _DELETABLE):
        yield ast.Pass()
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(ast.Constant(None))
    if isinstance(node, ast.With | ast.AsyncWith) and all(one.optional_vars is None for one in node.items):
        yield ast.If(ast.Constant(1), node.body, [])
    if isinstance(node, ast.Match):
        for index in range(len(node.cases)):
            yield _without(node, "cases", index)


def _handlers(node: ast.ExceptHandler) -> Iterator[ast.AST]:
    if not (len(node.body) == 1 and isinstance(node.body[0], ast.Raise) and node.body[0].exc is None):
        yield ast.ExceptHandler(node.type, node.name, [ast.Raise()])


def _constants(place: Place, node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        if value >= 1:
            yield ast.Constant(value - 1)
    elif isinstance(value, str) and not isinstance(place.parent, ast.JoinedStr | ast.FormattedValue):
        spoken = isinstance(place.parent, ast.keyword) and place.parent.arg in _SPOKEN
        if spoken or _CODE(value):
            yield ast.Constant(f"other-{value}")


def _expressions(place: Place, node: ast.expr, *, in_function: bool) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for index, one in enumerate(node.ops):
            for flip in _FLIPS[type(one)]:
                yield _with_item(node, "ops", index, flip())
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for index in range(len(node.values)):
            rest = [*node.values[:index], *node.values[index + 1 :]]
            yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.BinOp):
        yield from _sums(node, in_function=in_function)
    elif isinstance(node, ast.Name) and node.id in _NAMES and place.field in ("func", "key"):
        yield ast.Name(_NAMES[node.id], ast.Load())
    else:
        yield from _shorter(place, node)


def _shorter(place: Place, node: ast.expr) -> Iterator[ast.AST]:
    """Without one of its parts, each in its turn."""
    if isinstance(node, ast.Call):
        for index, keyword in enumerate(node.keywords):
            if keyword.arg not in (None, *_SENTENCES):
                yield _without(node, "keywords", index)
    elif isinstance(node, ast.Dict):
        for index in range(len(node.keys)):
            shorter = _without(node, "keys", index)
            del shorter.values[index]
            yield shorter
    elif isinstance(node, ast.Set | ast.Tuple) and _is_choice(place, node):
        for index in range(len(node.elts)):
            yield _without(node, "elts", index)


def _sums(node: ast.BinOp, *, in_function: bool) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.BitOr):
        if in_function:  # outside it is the name of a type
            yield from (node.left, node.right)
    elif type(node.op) in _SUMS and not any(_is_text(side) for side in (node.left, node.right)):
        yield ast.BinOp(node.left, _SUMS[type(node.op)](), node.right)


def _is_choice(place: Place, node: ast.Set | ast.Tuple) -> bool:
    """A set, or a tuple that stands for one."""
    return isinstance(node, ast.Set) or (
        len(node.elts) > 1 and isinstance(place.parent, ast.Compare | ast.ExceptHandler)
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _expression(node: ast.AST) -> ast.expr:
    assert isinstance(node, ast.expr)
    return node


def _without(node: T, field: str, index: int) -> T:
    shorter = copy.copy(node)
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            setattr(shorter, name, list(value))
    del getattr(shorter, field)[index]
    return shorter


def _with_item(node: ast.AST, field: str, index: int, item: ast.AST) -> ast.AST:
    other = copy.copy(node)
    items = list(getattr(node, field))
    items[index] = item
    setattr(other, field, items)
    return other
