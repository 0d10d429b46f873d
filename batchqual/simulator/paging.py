"""GET /v1/customers: pages, prefix filter and continuation tokens, as the list and search pages document
them."""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import TYPE_CHECKING, Final

from .wording import Reply, dump

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .people import Customer
    from .settings import PagingEnd
    from .world import World

_FIELDS: Final = ("CompanyName", "Domain")


class PageError(ValueError):
    """The query or the continuation token is none that the service takes."""


class PageFailure(Exception):
    """This page is to fail, this time."""


def page_failures(texts: tuple[str, ...]) -> dict[int, float]:
    """How many times each page has to fail, from `PAGE=TIMES`. Raises ValueError."""
    failures: dict[int, float] = {}
    for text in texts:
        number, _, times = text.partition("=")
        if not number.isdigit() or not (times.isdigit() or times == "ever"):
            raise ValueError(f"page_failures: {text!r} must be PAGE=TIMES, as in 3=2 or 3=ever")
        failures[int(number)] = math.inf if times == "ever" else int(times)
    return failures


def page(
    world: World,
    query: Mapping[str, str],
    token: str | None,
    *,
    size: int,
    end: PagingEnd,
    failures: dict[int, float],
) -> Reply:
    """One page of the partner's own customers. `size` is used when the query names none or 0. Pages are
    counted from 1; what is left of `failures` counts down. Raises PageError and PageFailure."""
    wanted = _size(query.get("size", "0")) or size
    start = _start(query, token)
    number = start // wanted + 1
    if failures.get(number, 0) > 0:
        failures[number] -= 1
        raise PageFailure
    matching = [one for one in _filtered(world, query.get("filter")) if one.relation == "own"]
    if start and start >= len(matching):
        raise PageError("There are no more customers.")
    following = start + wanted
    is_last = following >= len(matching)
    if is_last and end == "plain":
        return Reply(200, dump(_body(matching[start:following], len(matching), wanted, None)))
    next_token = _token(start if is_last and end == "repeat" else following)
    return Reply(200, dump(_body(matching[start:following], len(matching), wanted, next_token)))


def _size(text: str) -> int:
    if not text.isdigit():
        raise PageError("size must be a number.")
    return int(text)


def _start(query: Mapping[str, str], token: str | None) -> int:
    seek = query.get("seekOperation")
    if seek is None:
        return 0
    if seek.casefold() != "next" or token is None:
        raise PageError("seekOperation must be Next, with MS-ContinuationToken.")
    try:
        return int(base64.urlsafe_b64decode(token).decode("ascii").removeprefix("from:"))
    except (ValueError, binascii.Error) as wrong:
        raise PageError("The continuation token is not valid.") from wrong


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"from:{start}".encode()).decode("ascii")


def _filtered(world: World, text: str | None) -> list[Customer]:
    if text is None:
        return list(world)
    try:
        wish = json.loads(text)
    except ValueError as wrong:
        raise PageError("The filter is not JSON.") from wrong
    members = {str(key).casefold(): value for key, value in wish.items()} if isinstance(wish, dict) else {}
    name, value, operator = (members.get(key) for key in ("field", "value", "operator"))
    if name not in _FIELDS or operator != "starts_with" or not isinstance(value, str):
        raise PageError("The filter must be Field CompanyName or Domain, Operator starts_with, and a Value.")
    prefix = value.casefold()
    return [
        one for one in world if (one.domain if name == "Domain" else one.name).casefold().startswith(prefix)
    ]


def profile(customer: Customer) -> dict[str, object]:
    """A customer as an item of the list; a customer by id looks the same, with attributes."""
    return {
        "id": customer.id,
        "companyProfile": {"tenantId": customer.id, "domain": customer.domain, "companyName": customer.name},
        "relationshipToPartner": "reseller",
    }


def _body(items: list[Customer], total: int, size: int, token: str | None) -> dict[str, object]:
    links: dict[str, object] = {"self": {"uri": f"/customers?size={size}", "method": "GET", "headers": []}}
    body: dict[str, object] = {"totalCount": total, "items": [profile(one) for one in items], "links": links}
    if token is not None:
        header = {"key": "MS-ContinuationToken", "value": token}
        uri = f"/customers?size={size}&seekOperation=Next"
        links["next"] = {"uri": uri, "method": "GET", "headers": [header]}
        body["continuationToken"] = token
    return body | {"attributes": {"objectType": "Collection"}}
