"""Which column holds which field: the user's word first, then certain names, then careful guesses."""

from __future__ import annotations

import re
from collections.abc import Iterable

from batchqual.errors import InputError

from .aliases import WEAK
from .candidates import NEEDED_SHARE, Column, fits, offered
from .headings import HeadingRow, headings_seen, key, not_a_customer, strong_field
from .reading import CARRIED, FIELDS, Reading
from .table import RawTable, cell_name, column_letters, column_number

__all__ = ["Chooser"]

_CONSTANT_FROM = 3
_NAME_IT = "Name the column with --map customer_id=HEADING, or call it customer_id."
_OCCURRENCE = re.compile(r"(.*\S)\s*#(\d+)").fullmatch
_LETTERS = re.compile(r"column:\s*([A-Za-z]{1,3})", re.IGNORECASE).fullmatch


class Chooser:
    """Chooses the columns of one table.

    ``chosen`` goes from field to column index; ``mapped`` are the fields that the user's
    word settled. Remarks go to the table's notices. Raises InputError where
    two readings are possible, with the ``--map`` that settles it.
    """

    def __init__(self, table: RawTable, heading: HeadingRow, reading: Reading) -> None:
        self._table = table
        self._reading = reading
        self._columns = [Column(table, heading, index) for index in range(len(heading[1]))]
        self._keys = [key(text) for text in heading[1]]
        self._heading = heading
        self.chosen: dict[str, int] = {}
        self.mapped: set[str] = set()

    def choose(self, *, lenient: bool = False) -> dict[str, int]:
        """Field to column index. ``lenient``: a mapped heading may be missing here."""
        for field, wanted in self._reading.mapping.items():
            index = self._mapped(wanted)
            if index is not None:
                self.chosen[field] = index
                self.mapped.add(field)
            elif not (lenient and self._strong(field)):
                raise self._no_such_heading(field, wanted)
        for field in FIELDS:
            if field not in self.chosen:
                self._choose_strong(field)
        for field in FIELDS:
            if field not in self.chosen:
                self._choose_weak(field)
        return self.chosen

    # -- what the user said -------------------------------------------------------------------------------

    def _mapped(self, wanted: str) -> int | None:
        letters = _LETTERS(wanted.strip())
        if letters:
            index = column_number(letters[1])
            width = max(len(self._columns), max(map(len, self._table.cells), default=0))
            return index if index < width else None
        found = self._named(wanted)
        occurrence = _OCCURRENCE(wanted.strip())
        if occurrence and len(self._named(occurrence[1])) > 1:
            places = self._named(occurrence[1])
            number = int(occurrence[2])
            return places[number - 1] if 1 <= number <= len(places) else None
        if len(found) > 1:
            raise self._ambiguous("", [self._columns[index] for index in found])
        return found[0] if found else None

    def _named(self, heading: str) -> list[int]:
        exact = [i for i, column in enumerate(self._columns) if column.text == " ".join(heading.split())]
        if len(exact) == 1:
            return exact
        folded = key(heading)
        return [i for i, known in enumerate(self._keys) if known == folded] if folded else exact

    # -- names that are certain ---------------------------------------------------------------------------

    def _strong(self, field: str) -> list[Column]:
        taken = set(self.chosen.values())
        found = [c for c in self._columns if c.index not in taken and strong_field(c.text) == field]
        ours = {self._keys[column.index] for column in found}
        if field == "customer_id" and key("customer_id") in ours:
            # Our own name in two spellings is one heading twice, though CustomerId alone is only a guess.
            found = [c for c in self._columns if c in found or self._keys[c.index] == key("customer_id")]
        return found

    def _choose_strong(self, field: str) -> None:
        found = self._strong(field)
        if not found:
            return
        folded = [self._keys[column.index] for column in found]
        twice = [column for column in found if folded.count(self._keys[column.index]) > 1]
        if twice:
            raise self._ambiguous(field, twice)
        if field == "customer_id" and len(found) == 1:
            self._refuse_partner_column(found[0])
        if field == "customer_id":
            found = [c for c in found if not self._is_partner(c)] or found
        first, *others = found
        for other in others:
            at = first.differs_from(other)
            if at is not None and field not in CARRIED:
                raise self._two_columns(field, first, other, at)
            said = "hold the same values" if at is None else "both name it"
            self._table.notice(
                "two-columns",
                f"“{first.text}” and “{other.text}” {said}: {field} is read from “{first.text}”",
                cell=cell_name(first.index, first.row),
            )
        self.chosen[field] = first.index

    def _is_partner(self, column: Column) -> bool:
        if column.rows < 2:
            return False
        sole = column.sole_value()
        return sole is not None and (column.rows >= _CONSTANT_FROM or sole == self._reading.partner)

    def _refuse_partner_column(self, column: Column) -> None:
        if not self._is_partner(column):
            return
        raise InputError(
            f"{self._table.path}: every row has the same ID in “{column.text}” (column"
            f" {column_letters(column.index)}), so it is not the customers' ID but the partner's.",
            hint=f"Name the right column with --map customer_id=HEADING, or, if all rows are for this one"
            f' customer, confirm it with --map "customer_id={column.text}". {self._seen()}',
            code="partner-column",
        )

    # -- careful guesses ----------------------------------------------------------------------------------

    def _choose_weak(self, field: str) -> None:
        passed: list[str] = []
        last_resort: int | None = None
        for folded in map(key, WEAK[field]):
            found = [c for c in self._columns if self._keys[c.index] == folded and self._free(c)]
            if not found or self._never(field, folded):
                continue
            if len(found) > 1 and field in CARRIED:
                continue
            reason, some = self._doubt(field, found)
            if reason is None:
                if len(found) > 1:
                    raise self._ambiguous(field, found)
                self.chosen[field] = found[0].index
                break
            passed.append(f"“{found[0].text}” ({reason})")
            if some and folded == key(field) and len(found) == 1:
                last_resort = found[0].index
        if field not in self.chosen and last_resort is not None:
            self.chosen[field] = last_resort
            return
        if field == "customer_id":
            self._after_id(passed)

    def _free(self, column: Column) -> bool:
        return column.index not in self.chosen.values()

    def _doubt(self, field: str, found: list[Column]) -> tuple[str | None, bool]:
        """Why the columns are not taken, or None, and whether any cell has the right shape."""
        column = found[0]
        if column.rows == 0:
            return None, False
        right, total = column.share(field, fits(field, self._keys[column.index]))
        if total == 0:
            return "empty in every row", False
        if right < NEEDED_SHARE * total:
            return f"only {right} of {total} cells look like a {field.replace('_', ' ')}", right > 0
        if field == "customer_id" and len(found) == 1 and self._is_partner(column):
            return "the same value in every row: that is the partner", False
        return None, True

    def _never(self, field: str, folded: str) -> bool:
        """Names that mean something else beside certain others (a relationship's name, a code's name)."""
        keys = set(self._keys)
        if field != "customer_name":
            return False
        return (
            (folded == "name" and {"partnertenantid", "duration"} <= keys)
            or (folded == "displayname" and "customerdisplayname" in keys)
            or (folded == "organization" and "validationid" in keys)
        )

    def _after_id(self, passed: list[str]) -> None:
        index = self.chosen.get("customer_id")
        if index is not None and passed:
            self._table.notice(
                "columns-passed-over",
                f"customer_id is read from “{self._columns[index].text}”; passed over: {', '.join(passed)}",
                cell=cell_name(index, self._columns[index].row),
            )
        if index is None and "domain" not in self.chosen:
            raise self._no_id(passed)

    # -- refusals -----------------------------------------------------------------------------------------

    def _ambiguous(self, field: str, columns: Iterable[Column]) -> InputError:
        places = list(columns)
        cells = " and ".join(cell_name(column.index, column.row) for column in places)
        text = places[0].text
        name = field or next((f for f, w in self._reading.mapping.items() if key(w) == key(text)), "FIELD")
        second = f'--map "{name}={places[-1].text}#{len(places)}"'
        if places[0].text != places[-1].text and key(text) != text:
            second = f"--map {name}=column:{column_letters(places[-1].index)}"
        return InputError(
            f"{self._table.path}: the heading “{text}” stands in {cells}; only you know which one is meant.",
            hint=f"For the column {column_letters(places[-1].index)} say {second}, for column"
            f" {column_letters(places[0].index)} say --map {name}=column:{column_letters(places[0].index)}.",
            code="heading-twice",
        )

    def _two_columns(self, field: str, first: Column, other: Column, at: int) -> InputError:
        row = self._table.numbers[self._heading[2] + at]
        return InputError(
            f"{self._table.path}: “{first.text}” and “{other.text}” both name the {field.replace('_', ' ')},"
            f" and they differ ({cell_name(first.index, row)} and {cell_name(other.index, row)}).",
            hint=f'Say which one is meant: --map "{field}={first.text}" or --map "{field}={other.text}".',
            code="two-columns",
        )

    def _no_such_heading(self, field: str, wanted: str) -> InputError:
        return InputError(
            f"{self._table.path}: there is no column “{wanted}” for {field}.",
            hint=f"{self._seen()} Name one of them: --map {field}=HEADING, or --map {field}=column:D.",
            code="no-such-heading",
        )

    def _no_id(self, passed: list[str]) -> InputError:
        hints = [f"“{c.text}” is {what}" for c in self._columns if (what := not_a_customer(c.text))]
        reasons = passed + hints
        because = f" Not taken: {', '.join(reasons)}." if reasons else ""
        offer = offered([column for column in self._columns if self._free(column)])
        return InputError(
            f"{self._table.path}: no column for the customer's ID was found.{because}",
            hint=f"{self._seen()} {offer or _NAME_IT}",
            code="no-heading",
        )

    def _seen(self) -> str:
        return headings_seen(column.text for column in self._columns)
