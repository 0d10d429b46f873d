"""Whether the partner's validation codes suffice, before anything is written. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from batchqual.model import Outcome, mask_code
from batchqual.partnercenter import ValidationCode

from .items import Item, Obstacle

__all__ = ["code_obstacles", "other_organizations", "unchecked_code", "unknown_quotas", "unreadable_codes"]


def code_obstacles(
    codes: Iterable[ValidationCode], wanted: Iterable[Item], in_doubt: Iterable[str] = ()
) -> Mapping[Item, Obstacle]:
    """The items that cannot be sent for want of creates on their code, with the numbers.

    ``wanted`` are the GCC items that would be sent now; each takes one create of its code (Partner Center
    docs, validation codes page, June 2022). ``in_doubt`` has the code of each submission of unknown fate: it
    may take a create still. Too few for all means none is sent, so that nothing is half done. A code whose
    remaining creates are not told passes.
    """
    known = {code.code: code for code in codes}
    items = list(wanted)
    demand = Counter(_code_of(item) for item in items)
    doubt = Counter(in_doubt)
    obstacles = {}
    for item in items:
        code = _code_of(item)
        if code not in known:
            obstacles[item] = Obstacle(
                Outcome.CONFLICT,
                "unknown-code",
                f"The validation code {mask_code(code)} is not one of yours.",
            )
            continue
        remaining = known[code].remaining
        if remaining is not None and demand[code] + doubt[code] > remaining:
            more = f"{doubt[code]} more may have arrived with it, " if doubt[code] else ""
            obstacles[item] = Obstacle(
                Outcome.CONFLICT,
                "code-exhausted",
                f"{demand[code]} rows need the validation code {mask_code(code)}, {more}and {remaining} "
                "creates are left on it. None of these rows was sent.",
            )
    return obstacles


def other_organizations(
    codes: Iterable[ValidationCode], wanted: Iterable[Item]
) -> Iterator[tuple[Item, str]]:
    """Items whose code was issued for an organisation of another name than the row's: worth a warning.

    Whether a code belongs to the customer or to the partner is told in two ways by the docs, so nothing is
    refused for it.
    """
    issued = {code.code: code.organization for code in codes}
    for item in wanted:
        name, organization = item.row.customer_name if item.row else "", issued.get(_code_of(item))
        if name and organization and _plain(name) != _plain(organization):
            yield item, f"The validation code was issued for {organization}, and the row says {name}."


def unknown_quotas(codes: Iterable[ValidationCode], wanted: Iterable[Item]) -> Iterator[tuple[Item, str]]:
    """The first item of each code of which the service does not tell what is left: worth a warning."""
    untold = {code.code for code in codes if code.remaining is None}
    for item in wanted:
        code = _code_of(item)
        if code in untold:
            untold.discard(code)
            yield item, f"The service does not tell what is left on the validation code {mask_code(code)}."


def unchecked_code() -> Obstacle:
    """What becomes of a GCC row whose code could not be counted before the first write."""
    return Obstacle(
        Outcome.FAILED,
        "codes-unreadable",
        "Its validation code could not be checked before the first submission, so it was not sent.",
    )


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def unreadable_codes(message: str, http_status: int | None) -> Obstacle:
    """What becomes of GCC rows when the list of codes cannot be read: nothing is sent on a guess."""
    return Obstacle(
        Outcome.FAILED,
        "codes-unreadable",
        f"Your validation codes could not be read, so nothing was sent: {message}",
        http_status,
    )


def _code_of(item: Item) -> str:
    return (item.request.validation_code if item.request else None) or ""
