"""What commits, or asks the service to: the calls of a program that change what its next process finds.

- An await of a method by which `Ledger` writes, and of one by which the client submits. A method of `Ledger`
  that is called and not awaited is handed to the writer, whose commits are acts of their own.
- A COMMIT of SQLite.
- A file or a name that goes to disk: ``os.replace``, ``os.fsync`` and their kin.

Which methods write is read from `Ledger` and from the client, not typed by hand.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from support.house import Module, bound_names

__all__ = ["Call", "Function", "Side", "Source", "ledger_writes", "needs", "otherwise_called", "submissions"]

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Side: TypeAlias = Literal["before", "after", "in a handler"]

_BOTH: tuple[Side, ...] = ("before", "after")
_TO_DISK = {"os.replace", "os.rename", "os.link", "os.fsync", "os.fdatasync", "shutil.move"}
_LEDGER = {"ledger", "_ledger"}
_SERVICE = {"service", "_service"}


class Call(NamedTuple):
    """A call, and the module in which it stands."""

    source: Source
    node: ast.Call

    @property
    def name(self) -> str:
        """The last part of what is called."""
        return _last(self.node.func)


class Source:
    """A module, with the way up from each node, and what its names stand for."""

    def __init__(self, one: Module) -> None:
        self.module = one
        self.bound = bound_names(one)
        self.above = {child: node for node in ast.walk(one.tree) for child in ast.iter_child_nodes(node)}

    def calls(self) -> Iterator[Call]:
        """Every call in it."""
        yield from (Call(self, node) for node in ast.walk(self.module.tree) if isinstance(node, ast.Call))

    def up(self, node: ast.AST) -> Iterator[ast.AST]:
        """What stands around a node, from the inside."""
        while (outer := self.above.get(node)) is not None:
            yield outer
            node = outer

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that has the node in it."""
        return next(each for each in self.up(node) if isinstance(each, ast.stmt))

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function that has the node in it."""
        return next((each for each in self.up(node) if isinstance(each, Function)), None)

    def path(self, node: ast.AST | None) -> str:
        """The dotted name of a function, a class or the module."""
        if node is None:
            return self.module.name
        outer = [each.name for each in self.up(node) if isinstance(each, Function | ast.ClassDef)]
        name = [node.name] if isinstance(node, Function | ast.ClassDef) else []
        return ".".join([self.module.name, *reversed(outer), *name])

    def dotted(self, node: ast.expr) -> str:
        """What an expression stands for, as far as its names tell."""
        if isinstance(node, ast.Attribute):
            return f"{self.dotted(node.value)}.{node.attr}"
        if not isinstance(node, ast.Name):
            return ""
        if node.id in ("self", "cls"):
            return self.path(next((each for each in self.up(node) if isinstance(each, ast.ClassDef)), None))
        return self.bound.get(node.id, f"{self.module.name}.{node.id}")


def ledger_writes(book: Module) -> frozenset[str]:
    """The methods of `Ledger` that end in a commit: whatever comes to its writer, by way of others or not."""
    [ledger] = [node for node in book.tree.body if isinstance(node, ast.ClassDef) and node.name == "Ledger"]
    uses = {
        f"self.{method.name}": {
            ast.unparse(node) for node in ast.walk(method) if isinstance(node, ast.Attribute)
        }
        for method in ledger.body
        if isinstance(method, Function)
    }
    found = {"self._writer.submit", "self._writer.submit_for"}
    while more := {name for name, used in uses.items() if used & found} - found:
        found |= more
    names = {name.removeprefix("self.") for name in found}
    return frozenset(name for name in names if not name.startswith("_"))


def submissions(client: Module) -> frozenset[str]:
    """The methods that make a call which writes."""
    return frozenset(
        method.name
        for method in ast.walk(client.tree)
        if isinstance(method, Function)
        for node in ast.walk(method)
        if isinstance(node, ast.Call)
        and any(key.arg == "writes" and ast.unparse(key.value) == "True" for key in node.keywords)
    )


def otherwise_called(one: Module) -> list[str]:
    """Ledgers under another name than ``ledger``, by which nobody would know them."""
    found = []
    for node in ast.walk(one.tree):
        if isinstance(node, ast.arg) and node.annotation and _says_ledger(node.annotation):
            name: str | None = node.arg
        elif isinstance(node, ast.AnnAssign) and _says_ledger(node.annotation):
            name = _last(node.target)
        elif isinstance(node, ast.withitem) and ast.unparse(node.context_expr).startswith("Ledger.open("):
            name = _last(node.optional_vars) if node.optional_vars else "ledger"
        elif isinstance(node, ast.Assign) and _last(node.value) in _LEDGER and not _of_a_target(node.value):
            name = _last(node.targets[0])
        else:
            continue
        if name not in _LEDGER:
            found.append(one.at(node, f"calls a ledger {name}"))
    return found


def _of_a_target(value: ast.expr) -> bool:
    """A target's ledger is a path."""
    return "target" in ast.unparse(value)


def _says_ledger(annotation: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "Ledger" for node in ast.walk(annotation))


def _last(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def needs(call: Call, dotted: str, writes: Collection[str], submits: Collection[str]) -> Sequence[Side]:
    """Which points a call needs for its own sake."""
    node, function = call.node, call.node.func
    if isinstance(function, ast.Attribute):
        waited_for = isinstance(call.source.above[node], ast.Await)
        if call.name in writes and waited_for:
            return _BOTH
        if call.name in writes and _last(function.value) in _LEDGER:
            return ("before",)
        if call.name in submits and (waited_for or _last(function.value) in _SERVICE):
            return (*_BOTH, "in a handler")
    return _BOTH if _commits(call) or dotted in _TO_DISK or _moves_a_file(call, dotted) else ()


def _commits(call: Call) -> bool:
    """By the word, or by a method of sqlite3 that says it."""
    if call.name == "execute" and call.node.args:
        said = call.node.args[0]
        return isinstance(said, ast.Constant) and str(said.value).lstrip().upper().startswith(
            ("COMMIT", "END")
        )
    return isinstance(call.node.func, ast.Attribute) and call.name in ("commit", "executescript")


def _moves_a_file(call: Call, dotted: str) -> bool:
    """A method of `Path`, told by the number of arguments; or an argument that stands for ``os.replace``."""
    given = len(call.node.args) if not call.node.keywords else 0
    if isinstance(call.node.func, ast.Attribute):
        return call.name in ("replace", "rename") and given == 1
    return dotted == f"{call.source.module.name}.replace" and given == 2
