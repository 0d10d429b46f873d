"""A service that takes whatever comes: one that refused a wish the second time would hide that it came."""

from __future__ import annotations

from dataclasses import dataclass

from batchqual.simulator import Customer, Simulator, SimulatorSettings, World
from batchqual.simulator.bodies import Wish
from batchqual.simulator.books import Books
from batchqual.simulator.names import GCC
from batchqual.simulator.rules import HELD_ALREADY, Refusal, Rules

__all__ = ["Credulous", "credulous"]


@dataclass(frozen=True)
class Credulous(Rules):
    """Takes a wish that it has taken already, and another create of its code with it."""

    books: Books

    def refusal(self, world: World, customer: Customer, wish: Wish, *, synchronous: bool) -> Refusal | None:
        """As others do, but for that."""
        found = super().refusal(world, customer, wish, synchronous=synchronous)
        if found is not HELD_ALREADY:
            return found
        code = world.codes.get(wish.code or "") if wish.qualification == GCC else None
        if code is not None:
            self.books.creates_used[code.code] += 1
            code.remaining = None if code.remaining is None else code.remaining - 1
        return None


def credulous(settings: SimulatorSettings, world: World | None = None) -> Simulator:
    """A simulator with such rules, not started yet."""
    simulator = Simulator(settings, world)
    service = simulator._desk._service
    rules = service._rules
    service._rules = Credulous(
        rules.require_segment, rules.combination_status, rules.education_attempts, service._books
    )
    return simulator
