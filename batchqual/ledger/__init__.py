"""What has happened, durably: requests and their fate, the gate, the runs. Remembers, and never calls.

A wish (origin, partner, customer, qualification) becomes a request; a request is a `Record` in one of the
states of `State`, and moves between them by the table `MOVES`. At most one request of a wish is live. The
intent to send is committed, with its request id, before the bytes may leave. Every change writes one line of
the request's biography in the same transaction.

The door::

    with Ledger.open(path, clock=clock, command="run") as ledger:   # lock, migrations, writer; drains at end
        # writes: handed in by the call itself, over when committed (asyncio futures, not coroutines)
        records = await ledger.enrol([NewRequest(origin, partner, request, source, row, columns, values)])
        record = await ledger.abandon(record, new, why)           # sending -> abandoned; the new one, queued
        record = await ledger.replace_content(record, new)        # queued only
        record = await ledger.intend(record, request_id)          # queued -> sending; now it may leave
        record = await ledger.resend(record, request_id)          # sends + 1, three at most
        record = await ledger.withdraw(record, "throttled")       # sends - 1; queued when none is left
        record = await ledger.answered(record, State.IN_REVIEW, http_status=201, correlation_id="...")
        record = await ledger.looked(record, State.SETTLED, vetting_status="Approved")
        record = await ledger.move(record, State.REVERTED, event="reverted", **changes)     # any legal move
        await ledger.keep_closed_until(origin, partner, moment)
        await ledger.keep_domains(origin, partner, [KnownDomain(domain, customer_id, name)])
        await ledger.doubt_domain(origin, partner, known)
        await ledger.start_run(NewRun(run_id, command, files, columns, facts, rows))
        await ledger.finish_run(RunEnd(run_id, exit_code, requests, error, results, earlier, notices))
        with ledger.hold(): ...                                   # nothing is committed inside

    with read_only(path, missing_ok=False) as view: ...                 # no lock, also while a run is on
    pause_left(view.closed_until(origin, partner), now)                 # what of it is to be believed
    holder_of(path)                                                     # who has the lock, if anybody
    shared_place(path)                                                  # why it may not stand there, if so

    # reads, of both: as of the latest commit, on the caller's thread
    records(origin, partner)  history(origin, partner, wish)  find(origin, partner, wish)
    of_customer(customer_id)  of_exchange(request or correlation id)  facts_of(run_id)
    by_state(origin, partner, state)  counts(origin, partner)  partners()  origins()
    education_attempts(origin, partner, customer_id)  all_education_attempts(origin, partner)
    closed_until(origin, partner)  known_domains(origin, partner, since)
    domains_of_nobody(origin, partner, since)  events(record)
    runs(limit)  last_run_finished_at()  load_run(run_id | None)  integrity_check()
    audit(contains=hash | None)         # the chain, the states, the totals, the file
"""

from .book import Ledger
from .findings import Audit, Finding
from .handed import Move
from .lock import Holder, holder_of
from .pauses import LONGEST_PAUSE, pause_left
from .place import shared_place
from .record import MAX_SENDS, Changes, Event, KnownDomain, NewRequest, Record
from .runs import Fact, NewRun, RunEnd, RunSummary, StoredRun
from .transitions import LIVE, MOVES, State
from .view import LedgerView, read_only

__all__ = [
    "LIVE",
    "LONGEST_PAUSE",
    "MAX_SENDS",
    "MOVES",
    "Audit",
    "Changes",
    "Event",
    "Fact",
    "Finding",
    "Holder",
    "KnownDomain",
    "Ledger",
    "LedgerView",
    "Move",
    "NewRequest",
    "NewRun",
    "Record",
    "RunEnd",
    "RunSummary",
    "State",
    "StoredRun",
    "holder_of",
    "pause_left",
    "read_only",
    "shared_place",
]
