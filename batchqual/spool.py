"""What an export of customers has read so far, in a file beside its output: so the same command goes on.

JSON lines, each written when it is known: whose list it is; a page with the token of the next one; that the
list ended, or was begun again; what a customer holds; that nothing is missing, and the sheet is written next.
A line that was cut off at a kill is forgotten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import astuple
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Self

from .errors import UsageError
from .machine import make_private_file
from .partnercenter import CustomerPage, ListedCustomer

__all__ = ["Spool", "sheet_behind"]

_MARK = "customers of batchqual, version 1"
_KEPT_FOR = timedelta(days=1)


class Spool:
    """An open spool file; only its owner may read it, since it lists customers.

    ``customers`` are those listed, in the list's order; ``looked_up`` has the cells of those that were looked
    at, by ID; ``after`` is the token of the next page, None before the first; ``complete`` says that the list
    came to its end. ``remark`` says in words what was found in the file, empty for a new one.
    """

    def __init__(self, path: Path, whose: Mapping[str, str], now: datetime) -> None:
        """Go on with the file, or begin it. ``whose`` are the origin, the partner and the filter.

        Raises UsageError when the file is none of ours, or cannot be written.
        """
        self.path = path
        self.customers: dict[str, ListedCustomer] = {}
        self.looked_up: dict[str, dict[str, str]] = {}
        self.after: str | None = None
        self.complete = False
        self.remark = ""
        try:
            make_private_file(path)
            self._file: BinaryIO = path.open("r+b", buffering=0)
            lines = self._file.read().splitlines(keepends=True)
        except OSError as problem:
            raise _unwritable(path, problem) from problem
        try:
            self._take_up(lines, dict(whose), now)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add_page(self, page: CustomerPage) -> None:
        """A page was read."""
        self._write({"page": [astuple(one) for one in page.customers], "next": page.next})
        self._list(page)

    def end_list(self) -> None:
        """There are no more pages."""
        self._write({"list": "ended"})
        self.after, self.complete = None, True

    def begin_list_again(self) -> None:
        """The service does not know the token any more. What was looked up stays."""
        self._write({"list": "again"})
        self._forget_list()

    def add_look(self, customer_id: str, cells: Mapping[str, str]) -> None:
        """A customer was looked at."""
        self._write({"customer": customer_id, "cells": dict(cells)})
        self.looked_up[customer_id] = dict(cells)

    def begin_sheet(self, facts: Mapping[str, object]) -> None:
        """Nothing is missing: the sheet is written next, and a kill may come between that and `remove`."""
        self._write({"sheet": dict(facts)})

    def remove(self) -> None:
        """It has served."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _take_up(self, lines: list[bytes], whose: dict[str, str], now: datetime) -> None:
        kept, length = _whole_lines(lines)
        if lines and not _is_cut(lines) and (not kept or kept[0].get("is") != _MARK):
            raise UsageError(
                f"{self.path} is there already, and it is not the part of an export.",
                hint="Move it away, or choose another name for the output.",
            )
        if kept and kept[0].get("whose") != whose:
            self.remark = f"{self.path} is of another partner, service or --domain: the export begins anew."
        elif kept and now - datetime.fromisoformat(str(kept[0]["began"])) > _KEPT_FOR:
            self.remark = f"{self.path} is more than a day old: the export begins anew."
        elif kept:
            self._read(kept[1:])
            self._file.seek(length)
            self._file.truncate()
            self.remark = f"Going on with {self.path}."
            return
        self._file.seek(0)
        self._file.truncate()
        self._write({"is": _MARK, "whose": whose, "began": now.isoformat()})

    def _read(self, lines: list[dict[str, object]]) -> None:
        for line in lines:
            match line:
                case {"page": list(customers), "next": str() | None as following}:
                    self._list(CustomerPage(tuple(ListedCustomer(*one) for one in customers), following))
                case {"list": "ended"}:
                    self.after, self.complete = None, True
                case {"list": "again"}:
                    self._forget_list()
                case {"customer": str(customer_id), "cells": dict(cells)}:
                    self.looked_up[customer_id] = cells
                case _:
                    pass  # a later version may keep more

    def _list(self, page: CustomerPage) -> None:
        """A partner who is two partners in one sees a customer twice, each time in another relationship."""
        for one in page.customers:
            known = self.customers.setdefault(one.customer_id, one)
            if one.relationship not in known.relationship.split(", "):
                both = ListedCustomer(
                    known.customer_id,
                    known.domain or one.domain,
                    known.name or one.name,
                    ", ".join(filter(None, (known.relationship, one.relationship))),
                )
                self.customers[one.customer_id] = both
        self.after = page.next

    def _forget_list(self) -> None:
        self.customers.clear()
        self.after, self.complete = None, False

    def _write(self, line: Mapping[str, object]) -> None:
        """One call for the whole line: a kill leaves all of it, or a part that is seen to be one."""
        text = json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"
        try:
            written = self._file.write(text)
            while written < len(text):
                written += self._file.write(text[written:])
        except OSError as problem:
            raise _unwritable(self.path, problem) from problem


def sheet_behind(path: Path, whose: Mapping[str, str]) -> Mapping[str, object] | None:
    """What was said before the sheet was written, of a file that was left behind then; None of any other."""
    try:
        kept, _ = _whole_lines(path.read_bytes().splitlines(keepends=True))
    except OSError:
        return None
    if not kept or kept[0].get("is") != _MARK or kept[0].get("whose") != whose:
        return None
    facts = kept[-1].get("sheet")
    return facts if isinstance(facts, dict) else None


def _is_cut(lines: list[bytes]) -> bool:
    """Whether it is the begin of our first line, and nothing more: it was cut off at a kill."""
    [first, *more] = lines
    head = json.dumps({"is": _MARK}, separators=(",", ":")).encode("ascii")[:-1]
    return not more and not first.endswith(b"\n") and (first.startswith(head) or head.startswith(first))


def _whole_lines(lines: list[bytes]) -> tuple[list[dict[str, object]], int]:
    """The lines up to the first that is none, and their length in bytes."""
    kept: list[dict[str, object]] = []
    length = 0
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            break
        if not (line.endswith(b"\n") and isinstance(value, dict)):
            break
        kept.append(value)
        length += len(line)
    return kept, length


def _unwritable(path: Path, problem: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be written: {problem.strerror or os.strerror(problem.errno or 0)}.",
        hint="Choose an output in a folder that exists and that you may write to.",
        code="unwritable",
    )
