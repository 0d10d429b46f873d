"""Signing, and renewing."""

from __future__ import annotations

import asyncio

import pytest
from support.scripted_door import ScriptedDoor, a_call, a_reply

from batchqual.errors import AccessDenied, NotFound, SignInNeeded, SignInUnreachable, WriteSignInNeeded
from batchqual.events import Event, SigningIn
from batchqual.partnercenter import Call, Counts, Door, Privileges, Reply, TokenProvider
from batchqual.partnercenter.actions import hint_for
from batchqual.partnercenter.judge import AppRefused, TokenRefused
from batchqual.partnercenter.signed import Signed

REFUSED = TokenRefused("HTTP 401", http_status=401)
NOT_THE_APP = AppRefused("HTTP 403: no", http_status=403, error_code="900329")


class Purse:
    """Gives t1, t2, t3 …, one renewal at a time, as a provider must."""

    def __init__(self, *, last: int = 99) -> None:
        self.current = 1
        self.last = last
        self.lock = asyncio.Lock()

    async def token(self) -> str:
        """The present token."""
        return f"t{self.current}"

    async def renew(self, rejected: str) -> str:
        """The next one, unless somebody was quicker."""
        async with self.lock:
            await asyncio.sleep(0)
            if rejected == await self.token() and self.current < self.last:
                self.current += 1
            return await self.token()


class Empty:
    """Nobody is signed in."""

    asked = 0

    async def token(self) -> str:
        """There is none."""
        self.asked += 1
        raise SignInNeeded("Nobody is signed in.", hint="Sign in.", code="empty")

    async def renew(self, rejected: str) -> str:
        """There is none."""
        raise SignInNeeded("Nobody is signed in.", hint="Sign in.", code="empty")


def signed(inner: Door, tokens: TokenProvider, counts: Counts) -> Signed:
    """The skin with one provider for everything."""
    return Signed(inner, Privileges(tokens, tokens), counts)


async def have_taken(door: Door, inner: ScriptedDoor, purse: Purse, count: int) -> None:
    """The service has taken so many tokens; then the first is the present one again."""
    for number in range(1, count + 1):
        purse.current = number
        await door.send(a_call())
    purse.current = 1
    inner.tokens.clear()


async def test_an_expired_token_is_renewed_and_the_call_repeated() -> None:
    """With the same request id: a refused token means that nothing was processed."""
    inner, counts = ScriptedDoor(a_reply(), REFUSED), Counts()
    door = signed(inner, Purse(), counts)
    await door.send(a_call())
    assert 200 == (await door.send(a_call())).status
    assert ["t1", "t1", "t2"] == inner.tokens
    assert {"first-id"} == {call.request_id for call in inner.calls}
    assert 1 == counts.retried


async def test_other_failures_pass() -> None:
    """Only the token is this skin's business."""
    inner = ScriptedDoor(NotFound("no"))
    with pytest.raises(NotFound):
        await signed(inner, Purse(), Counts()).send(a_call())


async def test_tokens_that_were_never_taken_are_renewed_once() -> None:
    """Then a person is needed."""
    inner = ScriptedDoor(REFUSED, REFUSED, REFUSED)
    with pytest.raises(SignInNeeded):
        await signed(inner, Purse(), Counts()).send(a_call())
    assert ["t1", "t2"] == inner.tokens


async def test_at_most_three_renewals_in_a_call() -> None:
    """Even of tokens that the service took a moment ago."""
    inner, purse = ScriptedDoor(), Purse()
    door = signed(inner, purse, Counts())
    await have_taken(door, inner, purse, 5)
    inner.script = [REFUSED] * 9
    with pytest.raises(SignInNeeded):
        await door.send(a_call())
    assert ["t1", "t2", "t3", "t4"] == inner.tokens


async def test_what_others_have_renewed_is_no_renewal_of_this_call() -> None:
    """A call may find each time that its token has run out while it stood at the gate."""

    def others(call: Call) -> None:
        if inner.script:
            purse.current += 1

    inner, purse = ScriptedDoor(), Purse()
    door = signed(inner, purse, Counts())
    await have_taken(door, inner, purse, 9)
    inner.script, inner.on_send = [REFUSED] * 6, others
    assert 200 == (await door.send(a_call())).status
    assert [f"t{number}" for number in range(1, 8)] == inner.tokens


async def test_no_other_token_needs_a_person() -> None:
    """A provider that has nothing else is not asked twice."""
    inner = ScriptedDoor(REFUSED)
    with pytest.raises(SignInNeeded) as caught:
        await signed(inner, Purse(last=1), Counts()).send(a_call())
    assert "HTTP 401" in caught.value.message
    assert "t1" not in str(caught.value)


async def test_a_token_is_taken_when_the_turn_has_come() -> None:
    """A pause at the gate can outlast a token, and all who stood there would be refused."""

    class Queue(ScriptedDoor):
        async def send(self, call: Call) -> Reply:
            await opened.wait()
            return await super().send(call)

    opened, inner, purse = asyncio.Event(), Queue(), Purse()
    call = asyncio.create_task(signed(inner, purse, Counts()).send(a_call()))
    await asyncio.sleep(0)
    purse.current = 7
    opened.set()
    await call
    assert ["t7"] == inner.tokens


async def test_many_calls_renew_once() -> None:
    """Ten calls meet the same expired token, and one renewal serves all."""

    class Expired(ScriptedDoor):
        async def send(self, call: Call) -> Reply:
            self.tokens.append(await call.bearer.take())
            await asyncio.sleep(0)
            if call.bearer.token == "t1":
                raise REFUSED
            return a_reply()

    inner, purse = Expired(), Purse()
    door = signed(inner, purse, Counts())
    await asyncio.gather(*(door.send(a_call()) for _ in range(10)))
    assert 2 == purse.current
    assert ["t1"] * 10 + ["t2"] * 10 == inner.tokens


async def test_writes_and_reads_bear_their_own_tokens() -> None:
    """The user's for submissions, the app's for looks; each is renewed for itself."""
    inner = ScriptedDoor(a_reply(), a_reply(), REFUSED, a_reply())
    user, app = Purse(), Purse()
    user.current, app.current = 10, 20
    door = Signed(inner, Privileges(user, app), Counts())
    await door.send(a_call(writes=True))
    await door.send(a_call())
    await door.send(a_call())
    assert ["t10", "t20", "t20", "t21"] == inner.tokens


async def test_a_lost_user_ends_the_writes_alone() -> None:
    """The error is one of its own, with the words of the other; reads go on."""
    inner = ScriptedDoor(a_reply())
    door = Signed(inner, Privileges(Empty(), Purse()), Counts())
    with pytest.raises(WriteSignInNeeded) as caught:
        await door.send(a_call(writes=True))
    assert ("Nobody is signed in.", "Sign in.", "empty") == (
        caught.value.message,
        caught.value.hint,
        caught.value.code,
    )
    assert 200 == (await door.send(a_call())).status


class Away:
    """Signing in worked before, and is out of reach."""

    async def token(self) -> str:
        """There is none now."""
        raise SignInUnreachable("HTTP 503.", wait=60.0, since=0.0)

    async def renew(self, rejected: str) -> str:
        """There is none now."""
        return await self.token()


async def test_an_outage_of_the_users_sign_in_is_no_loss_of_it() -> None:
    """Neither of a submission nor beforehand: nobody has to sign in."""
    door = Signed(ScriptedDoor(), Privileges(Away(), Purse()), Counts())
    for asked in (door.send(a_call(writes=True)), door.ready_to_submit()):
        with pytest.raises(SignInUnreachable) as caught:
            await asked
        assert 60.0 == caught.value.wait


async def test_an_outage_of_the_apps_sign_in_moves_no_looks_to_the_user() -> None:
    """It will be over; the user's token is for writes."""
    inner, heard = ScriptedDoor(), list[Event]()
    door = Signed(inner, Privileges(Purse(), Away()), Counts(), heard.append)
    with pytest.raises(SignInUnreachable):
        await door.send(a_call())
    assert ([], []) == (inner.calls, heard)


async def test_whether_somebody_can_submit_is_told_before() -> None:
    """In the same words as by the submission itself."""
    await Signed(ScriptedDoor(), Privileges(Purse(), Purse()), Counts()).ready_to_submit()
    for nobody, code in ((Empty(), "empty"), (None, "nobody-to-submit")):
        with pytest.raises(WriteSignInNeeded) as caught:
            await Signed(ScriptedDoor(), Privileges(nobody, Purse()), Counts()).ready_to_submit()
        assert code == caught.value.code


async def test_without_a_user_nothing_is_submitted() -> None:
    """Not even a token is asked for."""
    inner = ScriptedDoor()
    with pytest.raises(WriteSignInNeeded) as caught:
        await Signed(inner, Privileges(None, Purse()), Counts()).send(a_call(writes=True))
    assert "nobody-to-submit" == caught.value.code
    assert [] == inner.calls


async def test_an_app_without_a_token_leaves_the_looks_to_the_user() -> None:
    """For many at once, said once, and from then on without asking again."""
    inner, user, app = ScriptedDoor(), Purse(), Empty()
    said: list[Event] = []
    door = Signed(inner, Privileges(user, app), Counts(), said.append)
    await asyncio.gather(*(door.send(a_call()) for _ in range(10)))
    asked = app.asked
    await door.send(a_call())
    assert (["t1"] * 11, asked) == (inner.tokens, app.asked)
    why = "The app alone cannot look: Nobody is signed in. Looks use the user's token now."
    assert [SigningIn("user", why)] == said


async def test_an_app_that_may_not_look_leaves_the_looks_to_the_user() -> None:
    """The same call is made again, with the user's token."""
    inner, user, app = ScriptedDoor(NOT_THE_APP), Purse(), Purse()
    user.current, app.current = 10, 20
    door = Signed(inner, Privileges(user, app), Counts())
    assert 200 == (await door.send(a_call())).status
    await door.send(a_call())
    assert ["t20", "t10", "t10"] == inner.tokens


@pytest.mark.parametrize("alone", [True, False], ids=["the app alone", "one token for everything"])
async def test_nobody_who_may_look_ends_the_run(alone: bool) -> None:
    """In the words of the service, with what to do about that code."""
    app = Purse()
    door = Signed(ScriptedDoor(NOT_THE_APP), Privileges(None if alone else app, app), Counts())
    with pytest.raises(AccessDenied) as caught:
        await door.send(a_call())
    assert ("HTTP 403: no", hint_for("900329")) == (caught.value.message, caught.value.hint)
    assert hint_for("900329") != hint_for(None)


async def test_who_cannot_sign_in_does_not_come_to_the_gate() -> None:
    """It may be closed for hours, and the person would hear of it after them."""
    inner = ScriptedDoor()
    with pytest.raises(SignInNeeded):
        await signed(inner, Empty(), Counts()).send(a_call())
    assert [] == inner.calls


ONE = Empty()


@pytest.mark.parametrize(
    ("privileges", "writes"),
    [
        pytest.param(Privileges(Empty(), Empty()), False, id="two tokens, a look"),
        pytest.param(Privileges(None, Empty()), False, id="the app alone, a look"),
        pytest.param(Privileges(ONE, ONE), False, id="one token, a look"),
        pytest.param(Privileges(ONE, ONE), True, id="one token, a submission"),
    ],
)
async def test_when_all_are_lost_everything_ends(privileges: Privileges, writes: bool) -> None:
    """It is no loss of the submissions alone."""
    with pytest.raises(SignInNeeded) as caught:
        await Signed(ScriptedDoor(), privileges, Counts()).send(a_call(writes=writes))
    assert "empty" == caught.value.code
    assert not isinstance(caught.value, WriteSignInNeeded)
