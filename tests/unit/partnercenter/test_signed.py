"""Signing, and renewing."""

from __future__ import annotations

import asyncio

import pytest
from support.scripted_door import ScriptedDoor, a_call, a_reply

from batchqual.errors import (
    AccessDenied,
    NotFound,
    Refused,
    SignInNeeded,
    SignInUnreachable,
    WriteSignInNeeded,
)
from batchqual.events import Event, SigningIn
from batchqual.partnercenter import Call, Counts, Door, Privileges, Reply, TokenProvider
from batchqual.partnercenter.judge import Forbidden, TokenRefused
from batchqual.partnercenter.signed import Signed

REFUSED = TokenRefused("HTTP 401", http_status=401)
NO = Refused("HTTP 403: no", http_status=403)
FORBIDDEN = Forbidden(NO)
DENIED = AccessDenied("not this app")


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


def split(
    *script: Exception | Reply, user: TokenProvider | None = None
) -> tuple[Signed, ScriptedDoor, list[Event]]:
    """A user with t10, an app with t20, and what is said."""
    inner, mine, app = ScriptedDoor(*script), Purse(), Purse()
    mine.current, app.current = 10, 20
    said: list[Event] = []
    return Signed(inner, Privileges(user or mine, app), Counts(), said.append), inner, said


async def test_a_look_that_the_app_may_not_make_is_the_users() -> None:
    """As a call of its own, for the first was answered; the next looks are the app's again."""
    door, inner, said = split(FORBIDDEN)
    assert 200 == (await door.send(a_call())).status
    await door.send(a_call())
    assert ["t20", "t10", "t20"] == inner.tokens
    first, second, third = (call.request_id for call in inner.calls)
    assert (first, True) == (third, first != second)
    assert [] == said


async def test_after_three_such_looks_the_user_makes_them_all() -> None:
    """Whatever the refusal was; it is said once."""
    script: list[Exception | Reply] = [
        FORBIDDEN,
        a_reply(),
        Forbidden(DENIED),
        a_reply(),
        a_reply(),
        FORBIDDEN,
        a_reply(),
    ]
    door, inner, said = split(*script)
    for _ in range(6):
        await door.send(a_call())
    assert [*["t20", "t10"] * 2, "t20", *["t20", "t10"], *["t10"] * 2] == inner.tokens
    why = "The app alone cannot look: HTTP 403: no. Looks use the user's token now."
    assert [SigningIn("user", why)] == said


async def test_a_customer_who_refuses_both_says_nothing_of_the_app() -> None:
    """That is the row's, and the app goes on looking."""
    door, inner, said = split(*[FORBIDDEN, FORBIDDEN] * 5)
    for _ in range(5):
        with pytest.raises(Refused):
            await door.send(a_call())
    await door.send(a_call())
    assert ["t20", "t10"] * 5 + ["t20"] == inner.tokens
    assert [] == said


async def test_a_user_whose_sign_in_is_lost_makes_no_look_for_the_app() -> None:
    """What the app was answered stands, for this customer alone."""
    door, inner, _ = split(FORBIDDEN, user=Empty())
    with pytest.raises(Refused):
        await door.send(a_call())
    assert 200 == (await door.send(a_call())).status
    assert ["t20", "t20"] == inner.tokens


async def test_a_user_who_looks_alone_may_be_refused() -> None:
    """Once the app has no token, the user's answer is the answer."""
    inner = ScriptedDoor(FORBIDDEN)
    with pytest.raises(Refused):
        await Signed(inner, Privileges(Purse(), Empty()), Counts()).send(a_call())


@pytest.mark.parametrize("alone", [True, False], ids=["the app alone", "one token for everything"])
@pytest.mark.parametrize("final", [NO, DENIED], ids=["for this customer", "for everyone"])
async def test_nobody_else_to_look_leaves_the_refusal_as_it_is(
    final: Refused | AccessDenied, alone: bool
) -> None:
    """And it is asked for once."""
    app, inner = Purse(), ScriptedDoor(Forbidden(final))
    with pytest.raises(type(final)) as caught:
        await Signed(inner, Privileges(None if alone else app, app), Counts()).send(a_call())
    assert final is caught.value
    assert 1 == len(inner.calls)


async def test_a_token_that_was_never_taken_is_told_what_it_can_lack() -> None:
    """As `doctor` would say it; one that was taken before has run out."""
    door = signed(ScriptedDoor(REFUSED, REFUSED), Purse(), Counts())
    with pytest.raises(SignInNeeded) as caught:
        await door.send(a_call())
    assert "not registered in Partner Center" in caught.value.hint
    door = signed(ScriptedDoor(a_reply(), REFUSED), Purse(last=1), Counts())
    await door.send(a_call())
    with pytest.raises(SignInNeeded) as caught:
        await door.send(a_call())
    assert "registered" not in caught.value.hint


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
