"""Chance that does not depend on the order of calls: every number is the hash of a seed and of what it is
for."""

from __future__ import annotations

from hashlib import blake2b


def fraction(seed: int, *what: object) -> float:
    """A number in [0, 1), the same for ever for the same seed and the same words."""
    text = "\x1f".join(map(str, (seed, *what)))
    digest = blake2b(text.encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)


def between(low: float, high: float, part: float) -> float:
    """The point that lies `part` of the way from `low` to `high`."""
    return low + (high - low) * part


def invented_guid(seed: int, *what: object) -> str:
    """A plainly fictitious GUID (its last group is all that varies) for things that need one."""
    return f"00000000-0000-4000-8000-{int(fraction(seed, *what) * 0xFFFFFFFFFFFF):012x}"
