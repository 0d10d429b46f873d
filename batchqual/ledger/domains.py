"""Whose default domain it is, as the partner's customer list told it: what is written of that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from .cells import to_text
from .moves import savepoint
from .queries import QUERIES
from .record import EVER, KnownDomain
from .rows import clean
from .writer import Work

__all__ = ["doubting", "keeping"]


def keeping(
    origin: str, partner: str, now: datetime, known: Iterable[KnownDomain], nobodys: Iterable[str]
) -> Work[None]:
    """Note whose they are, and which are nobody's."""
    whose = {"origin": origin, "partner": partner, "seen_at": to_text(now)}
    bound = [whose | asdict(one) | {"name": clean(one.name)} for one in known]
    of_nobody = [whose | {"domain": domain} for domain in nobodys]

    def keep(connection: sqlite3.Connection) -> None:
        with savepoint(connection):
            connection.executemany(QUERIES["keep_domain"], bound)
            connection.executemany(QUERIES["forget_domain_of_nobody"], bound)
            connection.executemany(QUERIES["keep_domain_of_nobody"], of_nobody)

    return keep


def doubting(origin: str, partner: str, known: KnownDomain) -> Work[None]:
    """Note that it is not this customer's any more."""
    bound = asdict(known) | {"origin": origin, "partner": partner, "seen_at": to_text(EVER)}

    def doubt(connection: sqlite3.Connection) -> None:
        connection.execute(QUERIES["doubt_domain"], bound)

    return doubt
