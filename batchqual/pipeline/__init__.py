"""Look, submit, poll, recover, stop: what happens to the wishes of a run. The only place where the ledger and
the service meet; the ledger remembers, the service is asked, and neither knows of the other."""

from .attempts import MOST_ATTEMPTS
from .earlier import live_rows
from .execute import Job, Results, execute, standstill
from .items import Obstacle
from .lookup import LookedUp, look_up, nobody_looked, remembered
from .plan import Plan, plan_of
from .renewal import given_up_before
from .stop import StopSwitch
from .verdicts import outcome_of, preset_verdict

__all__ = [
    "MOST_ATTEMPTS",
    "Job",
    "LookedUp",
    "Obstacle",
    "Plan",
    "Results",
    "StopSwitch",
    "execute",
    "given_up_before",
    "live_rows",
    "look_up",
    "nobody_looked",
    "outcome_of",
    "plan_of",
    "preset_verdict",
    "remembered",
    "standstill",
]
