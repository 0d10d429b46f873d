"""Partner Center behind one door. `open_partner_center` gives the typed client, `PartnerCenter`, for the
length of a block; every call it makes passes one small Protocol, `Door`, around which retrying, signing and
pacing are skins. The door does not remember: what was sent, and what became of it, is for its caller to write
down. Bodies of any shape are read without raising, and a failure is classified by what the caller should do
about it.

`open_partner_center` needs aiohttp and is loaded at first use, so that the other names cost a command line
nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .actions import Action, action_for, alike_limit, hint_for, remark_on
from .address import Proxy, check_base_url, is_loopback, proxy_for, proxy_refusal, trust, without_login
from .answers import Customer, Submission, ValidationCode
from .call import Call, Counts, Door, Reply
from .client import PartnerCenter
from .contracts import CONTRACTS, Contract, contract_named
from .customers import CustomerPage, ListedCustomer
from .options import Connection, Limits
from .pace import Gate, backoff_after
from .retry import RetryPolicy, new_id
from .signed import nobody_to_submit
from .tokens import Claims, GivenToken, Privileges, TokenProvider, claims

if TYPE_CHECKING:
    from .connect import open_partner_center

__all__ = [
    "CONTRACTS",
    "Action",
    "Call",
    "Claims",
    "Connection",
    "Contract",
    "Counts",
    "Customer",
    "CustomerPage",
    "Door",
    "Gate",
    "GivenToken",
    "Limits",
    "ListedCustomer",
    "PartnerCenter",
    "Privileges",
    "Proxy",
    "Reply",
    "RetryPolicy",
    "Submission",
    "TokenProvider",
    "ValidationCode",
    "action_for",
    "alike_limit",
    "backoff_after",
    "check_base_url",
    "claims",
    "contract_named",
    "hint_for",
    "is_loopback",
    "new_id",
    "nobody_to_submit",
    "open_partner_center",
    "proxy_for",
    "proxy_refusal",
    "remark_on",
    "trust",
    "without_login",
]


def __getattr__(name: str) -> object:
    if name == "open_partner_center":
        return import_module(".connect", __name__).open_partner_center
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
