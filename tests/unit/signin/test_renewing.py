"""When a source is asked again, in the middle of a run and at its start."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime, timedelta

import pytest

from batchqual.errors import SignInNeeded, SignInUnreachable
from batchqual.signin.failures import Passing
from batchqual.signin.renewing import Renewing
from batchqual.signin.sources import Grant

pytestmark = pytest.mark.looptime


class LoopClock:
    """Goes with the event loop."""

    def now(self) -> datetime:
        return datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=asyncio.get_running_loop().time())


class Scripted:
    """Gives tokens of ten minutes, or what the script says first; notes when it was asked."""

    def __init__(self, clock: LoopClock) -> None:
        self.clock = clock
        self.script: deque[Exception | None] = deque()
        self.away = False
        self.loop = asyncio.get_running_loop()
        self.asked: list[float] = []

    def acquire(self) -> Grant:
        """A token."""
        self.asked.append(self.loop.time())
        trouble = self.script.popleft() if self.script else Passing("away") if self.away else None
        if trouble is not None:
            raise trouble
        # in a thread: the loop's time is read from the loop
        now = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=self.loop.time())
        return Grant(f"token-{len(self.asked)}", now, now + timedelta(minutes=10))


async def run_out() -> tuple[Renewing, Scripted]:
    """A provider that has signed in once, whose token has run out, and whose service is away."""
    clock = LoopClock()
    source = Scripted(clock)
    provider = Renewing(source, clock)
    await provider.token()
    source.away = True
    await asyncio.sleep(601)
    source.asked.clear()
    return provider, source


async def away(provider: Renewing) -> SignInUnreachable:
    """What the provider says now."""
    with pytest.raises(SignInUnreachable) as caught:
        await provider.token()
    return caught.value


async def test_between_two_tries_nobody_asks() -> None:
    """A hundred calls are told when it is tried again, and the service hears of none of them."""
    provider, source = await run_out()
    told = [await away(provider) for _ in range(100)]
    assert 1 == len(source.asked)
    assert {told[0].since} == {one.since for one in told}
    assert all(0 < one.wait <= 1.25 for one in told)
    assert ("sign-in-unreachable", 12) == (told[0].code, told[0].exit_code)


async def test_a_hundred_calls_at_once_ask_once() -> None:
    """Whoever waited while somebody asked is told what came of it."""
    provider, source = await run_out()
    told = await asyncio.gather(*(provider.token() for _ in range(100)), return_exceptions=True)
    assert {SignInUnreachable} == {type(one) for one in told}
    assert 1 == len(source.asked)


async def test_an_outage_of_eight_hours_is_no_hammering() -> None:
    """Tries come less and less often, and once a minute in the end; then it goes on."""
    provider, source = await run_out()
    began = asyncio.get_running_loop().time()
    for _ in range(480):
        await asyncio.sleep((await away(provider)).wait)
    assert asyncio.get_running_loop().time() - began > 6 * 3600
    assert 480 == len(source.asked)
    assert source.asked[1] - source.asked[0] < 2
    source.away = False
    await asyncio.sleep(76)
    assert await provider.token() == await provider.token()


@pytest.mark.parametrize(
    ("told", "wait"), [(300.0, 300.0), (float("inf"), 86_400.0)], ids=["five minutes", "for ever"]
)
async def test_retry_after_is_obeyed_for_a_day_at_most(told: float, wait: float) -> None:
    """The service is not asked before."""
    provider, source = await run_out()
    source.script.append(Passing("HTTP 429", wait=told))
    assert wait == (await away(provider)).wait
    await asyncio.sleep(wait - 1)
    await away(provider)
    assert 1 == len(source.asked)


async def test_a_second_outage_is_another_one() -> None:
    """It begins anew, with short waits."""
    provider, source = await run_out()
    first = await away(provider)
    source.away = False
    await asyncio.sleep(first.wait)
    await provider.token()
    source.away = True
    await asyncio.sleep(601)
    second = await away(provider)
    assert second.since > first.since
    assert second.wait <= 1.25


async def test_a_refusal_after_an_outage_is_final() -> None:
    """Out of reach, then the service answers that the sign-in is over: a person is needed."""
    provider, source = await run_out()
    await asyncio.sleep((await away(provider)).wait)
    source.script.append(SignInNeeded("Over.", code="sign-in-expired"))
    for _ in range(2):
        with pytest.raises(SignInNeeded) as caught:
            await provider.token()
        assert "sign-in-expired" == caught.value.code
    assert 2 == len(source.asked)


async def test_a_good_token_is_used_to_its_end_and_not_beyond() -> None:
    """A token that the service is about to refuse leads to calls in vain."""
    clock = LoopClock()
    source = Scripted(clock)
    provider = Renewing(source, clock)
    first = await provider.token()
    source.away = True
    await asyncio.sleep(590)
    assert first == await provider.token()
    await asyncio.sleep(10)
    await away(provider)


async def test_a_refused_token_in_an_outage_is_not_given_again() -> None:
    """The API does not take it any more, and there is no other one yet."""
    clock = LoopClock()
    source = Scripted(clock)
    provider = Renewing(source, clock)
    first = await provider.token()
    source.away = True
    with pytest.raises(SignInUnreachable):
        await provider.renew(first)
    await away(provider)


async def test_at_the_start_half_a_minute_is_waited() -> None:
    """Who never signed in in this run is told so, for good."""
    clock = LoopClock()
    source = Scripted(clock)
    source.away = True
    provider = Renewing(source, clock)
    for _ in range(2):
        with pytest.raises(SignInNeeded) as caught:
            await provider.token()
        assert type(caught.value) is SignInNeeded
    assert [0, 1, 3, 7, 15, 30] == [round(moment) for moment in source.asked]


async def test_another_process_that_signs_in_is_told_by_its_name() -> None:
    """What is busy or away is not always the sign-in service."""
    clock = LoopClock()
    source = Scripted(clock)
    source.script.extend(SignInNeeded("The store is busy.", code="store-busy") for _ in range(6))
    with pytest.raises(SignInNeeded) as caught:
        await Renewing(source, clock).token()
    assert "store-busy" == caught.value.code
