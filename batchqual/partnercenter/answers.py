"""The other bodies: a submission's answer, a customer, the validation codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..model import Holding, Qualification
from .text import UNREADABLE, Unreadable, clean, is_blank, key, read_json
from .wire import members_of, read_holdings, text_of

__all__ = [
    "Customer",
    "Submission",
    "ValidationCode",
    "read_codes",
    "read_customer",
    "read_denial",
    "read_refusal",
    "read_submitted",
]

# Words with which an answer may say yes without naming the qualification.
_ASSENT: Final = frozenset(
    {"", "accepted", "approved", "created", "ok", "success", "succeeded", "true", "updated"}
)

_DENIAL: Final = re.compile(r"(?:\w+ )?tagging (?:\w+ )?denied\b.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission that the service accepted, or denied in words (the synchronous contract).

    ``holding`` is what the answer says of the requested qualification, None where it says nothing: a look
    decides then. ``refusal`` is the service's words, None when it did not refuse. ``body`` is the beginning
    of the answer, on one line, with the call's secrets masked.
    """

    holding: Holding | None
    refusal: str | None
    http_status: int
    correlation_id: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of the partner. ``domain`` is the default domain, lower case."""

    id: str
    domain: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ValidationCode:
    """A GCC validation code of the partner (Partner Center docs, validation codes page, June 2022).

    ``max_creates`` and ``remaining`` are None where the service does not say.
    """

    code: str = field(repr=False)
    organization: str
    max_creates: int | None
    remaining: int | None


def read_submitted(body: bytes, wanted: Qualification) -> Holding | None:
    """What a 2xx answer to a submission says of the wanted qualification. Never raises."""
    holdings = read_holdings(body)
    if holdings is UNREADABLE:
        return None
    return next((one for one in holdings if one.qualification is wanted), None)


def read_refusal(body: bytes) -> str | None:
    """The words of a 2xx that refuses, or None. Never raises.

    The older PUT has answered 200 with the bare string "Customer tagging denied." (reported for the vendor's
    PowerShell module in January 2020).
    """
    if read_holdings(body) is not UNREADABLE:
        return None
    value = read_json(body)
    if isinstance(value, Mapping):
        members = members_of(value)
        value = members.get("description") or members.get("message")
    if not isinstance(value, str) or key(value) in _ASSENT:
        return None
    return clean(value)


def read_denial(message: str) -> str | None:
    """The words of an error answer that deny the customer, out of what the door says of it; None for others.

    The same sentence has come with an error status, which the vendor's own parser of faults did not expect
    (PowerShell module, issue 258, January 2020). Other words with such a status speak of the call or the row.
    """
    found = _DENIAL.search(message)
    return found.group() if found else None


def read_customer(body: bytes) -> Customer | Unreadable:
    """A customer (Partner Center docs, customer-by-id page). Never raises."""
    value = read_json(body)
    if not isinstance(value, Mapping):
        return UNREADABLE
    members = members_of(value)
    profile = members.get("companyprofile")
    company = members_of(profile) if isinstance(profile, Mapping) else {}
    customer_id = text_of(members.get("id")) or text_of(company.get("tenantid"))
    if customer_id is None:
        return UNREADABLE
    domain = text_of(company.get("domain"))
    return Customer(
        customer_id.lower(), domain.lower() if domain else None, text_of(company.get("companyname"))
    )


def read_codes(body: bytes) -> tuple[ValidationCode, ...] | Unreadable:
    """The partner's validation codes: a bare array, or one inside ``items``. Never raises.

    An entry without a code is left out: there is nothing that a row could match with it.
    """
    value = [] if is_blank(body) else read_json(body)
    if isinstance(value, Mapping):
        value = members_of(value).get("items")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        return UNREADABLE
    return tuple(code for entry in value if (code := _code(members_of(entry))) is not None)


def _code(members: Mapping[str, object]) -> ValidationCode | None:
    code = text_of(members.get("validationid"))
    if code is None:
        return None
    return ValidationCode(
        code,
        text_of(members.get("organizationname")) or "",
        _count(members.get("maxcreates")),
        _count(members.get("remainingcreates")),
    )


def _count(value: object) -> int | None:
    text = text_of(value)
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
