"""Typed look-ups in parsed JSON that say, in the error, where the wrong thing stands."""

from __future__ import annotations

from collections.abc import Mapping

Tree = Mapping[str, object]


def table(value: object, where: str) -> Tree:
    """`value` as an object. Raises ValueError, naming `where`."""
    if isinstance(value, Mapping):
        return value
    raise ValueError(f"{where} must be an object, not {type(value).__name__}")


def rows(value: object, where: str) -> list[object]:
    """`value` as a list; None is an empty one."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise ValueError(f"{where} must be a list, not {type(value).__name__}")


def text(tree: Tree, key: str, where: str, default: str = "") -> str:
    """The string under `key`, or `default` when the key is absent."""
    value = tree.get(key, default)
    if isinstance(value, str):
        return value
    raise ValueError(f"{where}.{key} must be text, not {value!r}")


def maybe_text(tree: Tree, key: str, where: str) -> str | None:
    """The string under `key`, or None when it is absent or null."""
    return None if tree.get(key) is None else text(tree, key, where)


def maybe_number(tree: Tree, key: str, where: str) -> float | None:
    """The number under `key`, or None when it is absent or null."""
    value = tree.get(key)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise ValueError(f"{where}.{key} must be a number, not {value!r}")


def number(tree: Tree, key: str, where: str, default: float) -> float:
    """The number under `key`, or `default`."""
    value = maybe_number(tree, key, where)
    return default if value is None else value


def count(tree: Tree, key: str, where: str, default: int | None) -> int | None:
    """The whole number under `key`; null is None, an absent key `default`."""
    return default if key not in tree else _whole(maybe_number(tree, key, where))


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def only(tree: Tree, known: frozenset[str], where: str) -> None:
    """Raises ValueError when `tree` has a key that is not `known`: a misspelt one would do nothing,
    silently."""
    strange = sorted(set(tree) - known)
    if strange:
        raise ValueError(f"{where} has unknown key {strange[0]!r}; known are {', '.join(sorted(known))}")
