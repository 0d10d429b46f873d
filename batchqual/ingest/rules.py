"""One row at a time: every problem of the row at once, or a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from batchqual.model import (
    Cell,
    EducationSegment,
    InputRow,
    Outcome,
    Problem,
    Qualification,
    QualificationRequest,
    trimmed,
)

from .addresses import read_domain, read_website
from .cells import (
    CANONICAL_ID,
    Finding,
    Read,
    is_empty,
    read_id,
    read_qualification,
    read_segment,
)
from .codes import read_code
from .damage import Damage
from .headings import key
from .layout import Layout
from .letters import clean
from .problems import RowProblems
from .reading import FIELDS, Reading
from .spellings import QUALIFICATIONS

__all__ = ["RowRules"]

T = TypeVar("T")
_NOTHING: tuple[Problem, ...] = ()
_LOOKED_UP_LATER = ""
_GOES_WITH = (
    ("education_segment", Qualification.EDUCATION),
    ("website", Qualification.EDUCATION),
    ("validation_code", Qualification.GCC),
)
_IGNORED = {
    "education_segment": "segment-ignored",
    "website": "website-ignored",
    "validation_code": "code-ignored",
}


class RowRules:
    """The rules for the rows of one table."""

    def __init__(self, layout: Layout, reading: Reading) -> None:
        self._reading = reading
        self._layout = layout
        self._source = layout.table.path
        self._fields = layout.fields
        self._columns = [layout.fields.get(field, -1) for field in FIELDS]
        self._damage = Damage(layout)
        self._partner = reading.partner

    def judge(self, position: int, index: int) -> InputRow:
        """The row at ``index`` of the table, as row ``position`` of the whole input."""
        table = self._layout.table
        number, cells = table.numbers[index], table.cells[index]
        length = len(cells)
        at = [cells[column] if -1 < column < length else None for column in self._columns]
        values, formats = self._layout.formatted(number, cells)
        found = RowProblems(self._source, number, self._fields)
        self._damage.look(index, cells, found)
        cid, domain, wanted, code, segment, website, name, owner = at
        customer = self._customer(cid, domain, found)
        claimed = self._optional("domain", domain, read_domain, found)
        if claimed is not None and customer is None and not found.told("customer_id"):
            customer = _LOOKED_UP_LATER
        qualification = self._qualification(wanted, found)
        request = self._request(customer, qualification, claimed, (segment, website, code), found)
        return InputRow(
            position,
            self._source,
            number,
            values,
            None if found.errors else request,
            Outcome.INVALID if found.errors else None,
            tuple(found.errors) or _NOTHING,
            tuple(found.warnings) or _NOTHING,
            customer or _words(cid),
            qualification.value if qualification else _words(wanted),
            _text(name),
            _text(owner),
            formats,
        )

    def _customer(self, cell: Cell, domain: Cell, found: RowProblems) -> str | None:
        if isinstance(cell, str) and CANONICAL_ID(cell) and cell != self._partner and cell[0] != "0":
            return cell
        if found.told("customer_id"):
            return None
        if is_empty(cell, "customer_id"):
            if is_empty(domain, "domain"):
                message = "customer_id is empty, and there is no domain by which to look the customer up."
                found.missing("missing-customer-id", "customer_id", message, cell)
            return None
        value = _take("customer_id", cell, read_id(cell), found)
        if value is not None and value == self._partner:
            found.error(
                "customer_id",
                cell,
                Finding("partner-tenant", "is the partner's own tenant, which is never sent as a customer"),
            )
        return value

    def _qualification(self, cell: Cell, found: RowProblems) -> Qualification | None:
        if isinstance(cell, str) and not found.errors:
            known = QUALIFICATIONS.get(key(cell))
            if known is not None:
                return known
        if found.told("qualification"):
            return None
        if is_empty(cell, "qualification"):
            if self._reading.qualification is None:
                found.missing(
                    "missing-qualification",
                    "qualification",
                    "qualification is empty: fill it in, or say --qualification for all rows without one.",
                    cell,
                )
            return self._reading.qualification
        return _take("qualification", cell, read_qualification(cell), found)

    def _optional(
        self, field: str, cell: Cell, read: Callable[[Cell], Read[T]], found: RowProblems
    ) -> T | None:
        if cell is None or cell == "" or is_empty(cell, field) or found.told(field):
            return None
        return _take(field, cell, read(cell), found)

    def _request(
        self,
        customer: str | None,
        wanted: Qualification | None,
        domain: str | None,
        details: tuple[Cell, Cell, Cell],
        found: RowProblems,
    ) -> QualificationRequest | None:
        segment = website = code = None
        of_segment, of_website, of_code = details
        if wanted is not None:
            for (field, partner), cell in zip(_GOES_WITH, details, strict=True):
                if cell and wanted is not partner and not is_empty(cell, field):
                    self._ignored(field, cell, partner, wanted, found)
        if wanted is not Qualification.GCC and wanted is not Qualification.SOE:
            segment = self._segment(of_segment, wanted, found)
            website = self._optional("website", of_website, read_website, found)
        if wanted is not Qualification.EDUCATION and wanted is not Qualification.SOE:
            code = self._code(of_code, wanted, found)
        if customer is None or wanted is None:
            return None
        if customer == _LOOKED_UP_LATER:
            return QualificationRequest(customer, wanted, segment, website, code, domain=domain)
        return QualificationRequest(customer, wanted, segment, website, code, claim=domain)

    def _ignored(
        self, field: str, cell: Cell, partner: Qualification, wanted: Qualification, found: RowProblems
    ) -> None:
        message = f"goes with {partner.short} only; it is ignored on a row for {wanted.short}"
        found.warning(field, cell, Finding(_IGNORED[field], message))

    def _segment(
        self, cell: Cell, wanted: Qualification | None, found: RowProblems
    ) -> EducationSegment | None:
        if found.told("education_segment"):
            return None
        if not is_empty(cell, "education_segment"):
            if self._reading.segment_required:
                return _take("education_segment", cell, read_segment(cell), found)
            value, finding = read_segment(cell)
            if finding:
                found.warning("education_segment", cell, finding)
            return value
        default = self._reading.education_segment
        if wanted and default is None and self._reading.segment_required:
            found.missing(
                "missing-segment",
                "education_segment",
                "education_segment is empty, and Education needs one: fill it in, say --education-segment for"
                " all rows without one, or choose an --api without it (asynchronous-2020, synchronous).",
                cell,
            )
        return default

    def _code(self, cell: Cell, wanted: Qualification | None, found: RowProblems) -> str | None:
        if found.told("validation_code"):
            return None
        if is_empty(cell, "validation_code"):
            if wanted:
                found.missing(
                    "missing-code",
                    "validation_code",
                    "validation_code is empty, and GCC needs one: `batchqual codes` lists yours.",
                )
            return None
        return _take("validation_code", cell, read_code(cell), found)


def _take(field: str, cell: Cell, read: Read[T], found: RowProblems) -> T | None:
    value, finding = read
    if finding:
        (found.error if value is None else found.warning)(field, cell, finding)
    return value


def _words(cell: Cell) -> str:
    return "" if cell is None else clean(str(cell))


def _text(cell: Cell) -> str:
    """The same as it is written: in a name a mark without width may belong to the letters."""
    return "" if cell is None else trimmed(str(cell))
