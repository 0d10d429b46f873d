"""Every shape in which the service tells what a customer holds, read into one.

Names are matched without case and punctuation, because the documents use Pascal and camel case, two spellings
of the creation date, and an array, a wrapper, a single object and bare values for the same thing (Partner
Center docs, qualification pages, December 2020 to June 2022).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..model import NONE, Holding, Qualification, VettingStatus
from .moments import read_moment
from .text import UNREADABLE, Unreadable, clean, is_blank, key, read_json

__all__ = ["QUALIFICATION_NUMBERS", "members_of", "read_holdings", "text_of"]

QUALIFICATION_NUMBERS: Final = {Qualification.EDUCATION: 1, Qualification.GCC: 3, Qualification.SOE: 4}
"""The service's enumeration (Partner Center .NET reference); 0 is None, 2 is Nonprofit."""

_NAMES: Final = (NONE, "Education", "Nonprofit", "GovernmentCommunityCloud", "StateOwnedEntity")
_SETTABLE: Final = {one.value: one for one in Qualification}
_BY_KEY: Final = {key(name): name for name in _NAMES}
_STATUSES: Final = {
    "inreview": VettingStatus.IN_REVIEW,
    "approved": VettingStatus.APPROVED,
    "denied": VettingStatus.DENIED,
}


class _NotAHolding(Exception):
    """This value does not tell of a holding; whatever the rest says cannot be relied on."""


def read_holdings(body: bytes) -> tuple[Holding, ...] | Unreadable:
    """The holdings that a 2xx body tells of, in its order; `UNREADABLE` for anything else. Never raises.

    An entry ``None`` is no holding, unless it is in review or denied; nor are null, 0, an empty body and an
    empty object. One entry that cannot be read makes the whole body unreadable: half a list must not pass
    for "nothing there".
    """
    if is_blank(body):
        return ()
    value = read_json(body)
    if value is UNREADABLE:
        return UNREADABLE
    try:
        return tuple(_holdings(value))
    except _NotAHolding:
        return UNREADABLE


def _holdings(value: object) -> Iterator[Holding]:
    if isinstance(value, Mapping):
        members = members_of(value)
        if "qualification" in members:
            value = [value]
        elif "qualifications" in members:
            value = members["qualifications"] or []
        elif not members:
            value = []
    if isinstance(value, list):
        for entry in value:
            found = _from_object(entry) if isinstance(entry, Mapping) else _from_bare(entry)
            if found is not None:
                yield found
    elif (bare := _from_bare(value)) is not None:
        yield bare


def _from_bare(value: object) -> Holding | None:
    """The older contract answers with the name or the number alone: held, and so granted."""
    raw, known = _qualification(value)
    if not known:
        raise _NotAHolding
    return None if raw == NONE else Holding(_settable(raw), raw, VettingStatus.APPROVED)


def _from_object(entry: Mapping[object, object]) -> Holding | None:
    members = members_of(entry)
    if "qualification" not in members:
        raise _NotAHolding
    raw, _ = _qualification(members["qualification"])
    status = text_of(members.get("vettingstatus"))
    known = _STATUSES.get(key(status), VettingStatus.UNKNOWN) if status else VettingStatus.MISSING
    if raw == NONE and known not in (VettingStatus.IN_REVIEW, VettingStatus.DENIED):
        return None
    created = text_of(members.get("vettingcreateddate")) or text_of(members.get("vettingcreatedate"))
    return Holding(
        _settable(raw),
        raw,
        known,
        raw_status=status,
        reason=text_of(members.get("vettingreason")),
        created_at=read_moment(created) if created else None,
        created_raw=created,
    )


def _qualification(value: object) -> tuple[str, bool]:
    """The qualification's name, in the service's spelling where it is known, and whether it is."""
    if value is None or value == "":
        return NONE, True
    text = text_of(value)
    if text is None or isinstance(value, bool):
        raise _NotAHolding
    if text.isascii() and text.isdigit() and len(text) < 4 and int(text) < len(_NAMES):
        return _NAMES[int(text)], True
    name = _BY_KEY.get(key(text))
    return (name, True) if name else (text, False)


def _settable(name: str) -> Qualification | None:
    return _SETTABLE.get(name)


def members_of(value: Mapping[object, object]) -> dict[str, object]:
    """An object's members by name, without case and punctuation."""
    return {key(str(name)): member for name, member in value.items()}


def text_of(value: object) -> str | None:
    """Text, or a whole number as text; cleaned for show. None for anything else, and for nothing."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
    return (clean(value) or None) if isinstance(value, str) else None
