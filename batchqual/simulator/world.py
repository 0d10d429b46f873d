"""Who is a customer of the partner, what each one holds, and which validation codes are left."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from .names import APPROVED, EDUCATION, GCC
from .people import Code, Customer, Holding
from .worldfile import as_dict, customers_and_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


class World:
    """All customers and codes of one partner. `version` rises with every change, for whoever keeps it on
    disk."""

    def __init__(
        self,
        customers: Iterable[Customer] = (),
        codes: Iterable[Code] = (),
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.customers: dict[str, Customer] = {customer.id: customer for customer in customers}
        self.codes: dict[str, Code] = {code.code: code for code in codes}
        self.clock = clock
        self.version = 0

    def __iter__(self) -> Iterator[Customer]:
        return iter(self.customers.values())

    def add(self, customer: Customer) -> Customer:
        """Takes a customer in, in place of one with the same id."""
        self.customers[customer.id] = customer
        self.version += 1
        return customer

    def accept(self, customer: Customer, holding: Holding) -> None:
        """Writes an accepted submission down: an attempt for Education, a create for GCC."""
        holding.before = customer.holds.get(holding.qualification)
        if holding.before is not None:
            holding.before.before = None
        customer.holds[holding.qualification] = holding
        if holding.qualification == EDUCATION:
            customer.attempts += 1
        code = self.codes.get(holding.code or "") if holding.qualification == GCC else None
        if code is not None and code.remaining is not None:
            code.remaining -= 1
        self.version += 1

    def offer(self, text: str) -> None:
        """Adds the validation code in `CODE=CREATES`, unless it is there. Raises ValueError for another
        form."""
        code, _, creates = text.partition("=")
        if not code or not creates.isdigit():
            raise ValueError(f"codes: {text!r} must be CODE=CREATES, as in 0123=5")
        self.codes.setdefault(code, Code(code, max=int(creates), remaining=int(creates)))

    def tell(
        self, customer_id: str, qualification: str, status: str | None = APPROVED, reason: str | None = None
    ) -> None:
        """Makes a customer show `qualification` with `status` from now on, as if Microsoft had changed its
        mind."""
        customer = self.customers.get(customer_id) or self.add(Customer(customer_id))
        customer.holds[qualification] = Holding(qualification, status, reason, created=self.clock())
        self.version += 1

    def forget(self, customer_id: str, qualification: str) -> None:
        """Takes a qualification away without a trace."""
        self.customers[customer_id].holds.pop(qualification, None)
        self.version += 1

    def seen(self) -> dict[str, object]:
        """All customers with what they hold as it is now (reads may lag behind it), and all codes, for
        JSON. Dates in seconds since 1970, UTC."""
        now = self.clock()
        return {
            "now": now,
            "customers": [
                {
                    "id": one.id,
                    "name": one.name,
                    "domain": one.domain,
                    "relation": one.relation,
                    "attempts": one.attempts,
                    "qualifications": [sight._asdict() for sight in one.sights(now, lagging=False)],
                }
                for one in self
            ],
            "codes": [asdict(code) for code in self.codes.values()],
        }

    @classmethod
    def from_dict(cls, data: object, *, clock: Callable[[], float] = time.time) -> World:
        """Reads the format that `worldfile` documents. Raises ValueError with the path of what is wrong."""
        customers, codes = customers_and_codes(data, clock())
        return cls(customers, codes, clock=clock)

    @classmethod
    def from_file(cls, path: Path) -> World:
        """Reads a file in that format. Raises OSError, or ValueError naming the file and what is wrong in
        it."""
        try:
            return cls.from_dict(json.loads(path.read_text(encoding="utf-8-sig")))
        except ValueError as wrong:
            raise ValueError(f"{path}: {wrong}") from wrong

    def to_dict(self) -> dict[str, object]:
        """The same format again, complete."""
        return as_dict(self.customers.values(), self.codes.values())
