"""The three contracts that the qualification calls have had, as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..errors import UsageError
from ..model import Qualification, QualificationRequest
from .wire import QUALIFICATION_NUMBERS

__all__ = ["CONTRACTS", "Contract", "contract_named"]


@dataclass(frozen=True, slots=True)
class Contract:
    """How one contract asks. ``resource`` follows the customer in the path, for the look and for the
    submission; ``one_value`` says that the customer holds one qualification at most, and that the
    answer is that value alone."""

    name: str
    method: str
    resource: str
    body: Callable[[QualificationRequest], object]
    one_value: bool = False

    def encode(self, request: QualificationRequest) -> bytes:
        """The body of a submission."""
        return json.dumps(self.body(request), ensure_ascii=False, separators=(",", ":")).encode("utf-8")

    def query(self, request: QualificationRequest) -> tuple[tuple[str, str], ...]:
        """The GCC code in the query: the December 2020 and 2021 pages name it there, the page of June 2022
        names the body instead. It goes into both where a contract has both."""
        if request.qualification is Qualification.GCC and request.validation_code:
            return (("code", request.validation_code),)
        return ()


def _current(request: QualificationRequest) -> dict[str, str]:
    """Partner Center docs, update page, June 2022: camel case in the example; absent members are left out."""
    members = {
        "qualification": request.qualification.value,
        "educationSegment": request.segment.value if request.segment else None,
        "website": request.website,
        "validationCode": request.validation_code,
    }
    return {name: value for name, value in members.items() if value}


CONTRACTS: Final = (
    Contract("asynchronous", "POST", "qualifications", _current),
    # Partner Center docs, asynchronous update page, December 2020, as its later revisions print the body.
    Contract(
        "asynchronous-2020",
        "POST",
        "qualifications",
        lambda request: {"Qualification": request.qualification.value},
    ),
    # Partner Center docs, synchronous update page, December 2020: the integer value of the enumeration.
    Contract(
        "synchronous",
        "PUT",
        "qualification",
        lambda request: QUALIFICATION_NUMBERS[request.qualification],
        one_value=True,
    ),
)


def contract_named(name: str) -> Contract:
    """The contract of that name. Raises UsageError."""
    for contract in CONTRACTS:
        if contract.name == name:
            return contract
    known = ", ".join(contract.name for contract in CONTRACTS)
    raise UsageError(f"There is no API contract called {name}.", hint=f"--api takes one of: {known}.")
