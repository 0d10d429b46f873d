"""The settings one by one: what each is, and where that was said. Secrets are only said to be there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from pydantic import SecretStr

from batchqual.durations import Threshold, spell_duration
from batchqual.settings import Settings

__all__ = ["Setting", "listed"]

_DURATIONS: Final = ("wait", "poll_min", "poll_max", "patience", "recheck")


@dataclass(frozen=True, slots=True)
class Setting:
    """``value`` as one would write it, None where there is none; ``origin`` as `Settings.origin_of` tells."""

    name: str
    value: str | None
    origin: str

    @property
    def is_default(self) -> bool:
        """Whether nobody said it."""
        return self.origin == "default"


def listed(settings: Settings) -> tuple[Setting, ...]:
    """Every setting, in the order of the settings."""
    fields = {name: field.alias or name for name, field in Settings.model_fields.items() if name != "origins"}
    return tuple(
        Setting(alias, _shown(name, getattr(settings, name)), settings.origin_of(alias))
        for name, alias in fields.items()
    )


def _shown(name: str, value: object) -> str | None:
    if value is None:
        return "none" if name == "rate" else None
    if name in _DURATIONS and isinstance(value, float):
        return spell_duration(value)
    for kind, spell in _SPELLINGS:
        if isinstance(value, kind):
            return spell(value) or None
    return str(value)


_SPELLINGS: Final[tuple[tuple[type, Callable[[Any], str]], ...]] = (
    (SecretStr, lambda _: "set"),
    (Enum, lambda value: str(value.value)),
    (Threshold, lambda value: str(value.count) if value.share is None else f"{value.share:.0%}"),
    (bool, lambda value: str(value).lower()),
    (float, lambda value: f"{value:g}"),
    (Mapping, lambda value: ", ".join(f"{field}={heading}" for field, heading in value.items())),
    (tuple, lambda value: ", ".join(map(str, value))),
)
