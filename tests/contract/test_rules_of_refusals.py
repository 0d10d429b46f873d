"""Rules 5 and 17: which refusals are one row's and which are the caller's, with a body and without one. The
services are real servers, and what they were asked is counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.drive import Drive, education, sheet
from support.odd_service import Odd, OddService, odd_service
from support.replay_server import Canned, canned
from support.sheets import customer

from batchqual.partnercenter import GivenToken, Privileges, RetryPolicy

QUICK = RetryPolicy(first=0.001, longest=0.01)
WORDS = {
    403: "Forbidden",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
}


def refusal(status: int, code: str | int | None = None, words: str = "No.") -> Canned:
    """An answer that refuses; without a code it has no body."""
    said = code if isinstance(code, int) else f'"{code}"'
    body = "" if code is None else f'{{"code":{said},"description":"{words}","data":[],"source":"x"}}'
    return canned(f"{status} {WORDS.get(status, 'No')}", body)


def refused(status: int, code: str | int | None = None, words: str = "No.") -> Odd:
    """A submission that is refused."""
    return Odd(refusal(status, code, words), takes=False)


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        pytest.param(400, "2000", "Check the cells", id="2000"),
        pytest.param(400, 2001, "Check the cells", id="2001 as a number"),
        pytest.param(400, "3000", "Check the cells", id="3000"),
        pytest.param(400, "800002", "Check the cells", id="800002"),
        pytest.param(400, "900118", "customer ID", id="900118"),
        pytest.param(400, "900126", "Check both cells", id="900126"),
        pytest.param(400, "800086", "lacks a tag", id="800086"),
        pytest.param(400, "777", "Read the error message", id="400 that nobody knows"),
        pytest.param(403, "20002", "reseller invitation", id="20002"),
        pytest.param(403, "900308", "GDAP", id="900308"),
        pytest.param(403, "900150", "If others are taken", id="900150"),
        pytest.param(403, 2032, "If others are taken", id="2032"),
        pytest.param(403, "900309", "Conditional Access", id="900309"),
        pytest.param(403, "900123", "indirect reseller of this customer", id="900123"),
        pytest.param(403, 900123, "indirect reseller of this customer", id="900123 as a number"),
        pytest.param(403, "2030", "country of this customer", id="2030"),
        pytest.param(403, "800073", "not approved this customer", id="800073"),
        pytest.param(403, "800074", "not approved this customer", id="800074"),
        pytest.param(403, "800075", "not approved this customer", id="800075"),
        pytest.param(403, "600006", "does not allow this", id="600006"),
        pytest.param(403, "777", "does not say why", id="403 that nobody knows"),
        pytest.param(404, "1000", "Copy the Microsoft ID", id="1000"),
        pytest.param(404, 60003, "Copy the Microsoft ID", id="60003"),
        pytest.param(412, "1", "Read the error message", id="412"),
        pytest.param(417, "800036", "must have first", id="417"),
        pytest.param(400, None, "Read the error message", id="400 without a body"),
        pytest.param(403, None, "does not say why", id="403 without a body"),
        pytest.param(404, None, "Read the error message", id="404 without a body"),
        pytest.param(410, None, "Read the error message", id="410 without a body"),
        pytest.param(412, None, "Read the error message", id="412 without a body"),
        pytest.param(417, None, "Read the error message", id="417 without a body"),
    ],
)
async def test_rule_5_one_customers_refusal_is_that_rows(
    status: int, code: str | int | None, advice: str, tmp_path: Path
) -> None:
    """The other rows are sent, each once; the refused one says what to do."""
    async with odd_service(refused(status, code)) as service:
        told = await Drive(tmp_path, service.url)(education(tmp_path, *range(5)), concurrency=1)
    assert ["failed", *["approved"] * 4] == told.outcomes
    assert 3 == told.exit_code
    assert 5 == len(service.submissions)
    assert advice in told.rows[0]["what_to_do"]
    assert (status, None if code is None else str(code)) == (
        told.rows[0]["http_status"],
        told.rows[0]["error_code"],
    )


@pytest.mark.parametrize(
    ("status", "code", "sent"),
    [
        pytest.param(400, "900127", 1, id="900127"),
        pytest.param(400, "900141", 1, id="900141"),
        pytest.param(403, "900124", 1, id="900124"),
        pytest.param(403, 900149, 1, id="900149"),
        pytest.param(403, "800039", 1, id="800039"),
        pytest.param(403, "900329", 1, id="900329"),
        pytest.param(403, 1002, 1, id="1002"),
        pytest.param(401, 1002, 1, id="1002 as 401"),
        pytest.param(405, "1", 1, id="405"),
        pytest.param(405, None, 1, id="405 without a body"),
        pytest.param(406, None, 1, id="406 without a body"),
        pytest.param(403, "900150", 3, id="900150, of all"),
        pytest.param(403, 2032, 3, id="2032, of all"),
        pytest.param(403, "900309", 3, id="900309, of all"),
        pytest.param(400, "900126", 3, id="900126, of all"),
        pytest.param(403, "900308", 10, id="900308, of all"),
        pytest.param(400, "777", 10, id="400 that nobody knows, of all"),
        pytest.param(403, None, 10, id="403 without a body, of all"),
        pytest.param(400, None, 10, id="400 without a body, of all"),
    ],
)
async def test_rule_5_what_concerns_the_caller_stops_the_run(
    status: int, code: str | int | None, sent: int, tmp_path: Path
) -> None:
    """At once, or as soon as so many rows in a row were refused alike; the rest waits, and is sent by the
    same command once it has been mended."""
    async with odd_service(*[refused(status, code)] * 30) as service:
        drive = Drive(tmp_path, service.url)
        told = await drive(education(tmp_path, *range(30)), concurrency=1, max_failures="30")
        assert 13 == told.exit_code
        assert sent == len(service.submissions)
        assert told.totals["not_attempted"] == 30 - told.totals["failed"]
        assert told.document["error"]["hint"]
        service.script.clear()
        again = await drive(education(tmp_path, *range(30)), max_failures="30")
    assert ({"approved": 30}, 0) == (dict(again.totals), again.exit_code)


@pytest.mark.parametrize("code", ["20002", "900123", "2030", "3000"])
async def test_rule_5_what_is_the_rows_own_stays_so_however_often(code: str, tmp_path: Path) -> None:
    """One reseller, or one country, has many customers, and they may stand in a row."""
    async with odd_service(*[refused(403, code)] * 14) as service:
        told = await Drive(tmp_path, service.url)(
            education(tmp_path, *range(20)), concurrency=1, max_failures="30"
        )
    assert {"failed": 14, "approved": 6} == dict(told.totals)
    assert 3 == told.exit_code


async def test_rule_5_refusals_of_one_kind_have_to_come_in_a_row(tmp_path: Path) -> None:
    """Nine, one that is taken, nine more: no row is kept from being sent. The first three count only as long
    as nobody was taken before them."""
    taken = Odd()
    script = [*[refused(403)] * 9, taken, *[refused(403)] * 9, taken, *[refused(403, "2032")] * 9, taken]
    async with odd_service(*script) as service:
        told = await Drive(tmp_path, service.url)(
            education(tmp_path, *range(30)), concurrency=1, max_failures="30"
        )
    assert {"failed": 27, "approved": 3} == dict(told.totals)
    assert 3 == told.exit_code


async def test_rule_5_a_country_is_named_once_for_the_run(tmp_path: Path) -> None:
    """Besides each row's own advice, however many customers are there."""
    async with odd_service(*[refused(403, "2030")] * 4) as service:
        told = await Drive(tmp_path, service.url)(education(tmp_path, *range(5)), concurrency=1)
    assert ["2030"] == told.warnings
    assert {"failed": 4, "approved": 1} == dict(told.totals)


async def test_looks_that_are_all_refused_stop_the_run(tmp_path: Path) -> None:
    """No row of the ten thousand that follow is worth another look, and nothing is submitted."""
    async with odd_service() as service:
        service.next_looks = [refusal(403, "2032")] * 30
        told = await Drive(tmp_path, service.url)(education(tmp_path, *range(30)), concurrency=1)
    assert (13, "refused-alike") == (told.exit_code, told.document["error"]["code"])
    assert (3, 0) == (len(service.looks), len(service.submissions))


@pytest.mark.parametrize("concurrency", [1, 16])
async def test_rule_17_errors_without_a_body_cost_one_request_each(concurrency: int, tmp_path: Path) -> None:
    """A 403 to each of thirty submissions: ten are sent, and as many as were on their way; none twice. The
    service is not to blame, so looks at what was sent before go on."""
    async with odd_service(*[refused(403)] * 60) as service:
        told = await Drive(tmp_path, service.url)(
            education(tmp_path, *range(30)), concurrency=concurrency, max_failures="30"
        )
    assert (13, "refused-alike") == (told.exit_code, told.document["error"]["code"])
    assert 10 <= len(service.submissions) < 10 + concurrency
    assert len(service.submissions) == told.totals["failed"]
    assert len(service.looks) <= 30
    assert "not registered in Partner Center" in told.document["error"]["hint"]


@pytest.mark.parametrize("status", [403, 404])
async def test_rule_17_looks_without_a_body_are_not_repeated(status: int, tmp_path: Path) -> None:
    """Six customers, of whom nothing is told but a status: one request each, and one more after a 404, which
    may mean that there is no qualification."""
    async with odd_service() as service:
        service.next_looks = [refusal(status)] * 30
        told = await Drive(tmp_path, service.url)(education(tmp_path, *range(6)), retry=QUICK)
    assert {"failed": 6} == dict(told.totals)
    assert 3 == told.exit_code
    assert (6 if status == 403 else 12) == len(service.looks)


async def test_rule_17_a_conflict_without_a_body_is_looked_up(tmp_path: Path) -> None:
    """And what the look shows is the row's outcome: nothing is sent again."""
    async with odd_service(Odd(refusal(409), takes=True)) as service:
        told = await Drive(tmp_path, service.url)(education(tmp_path, 1))
    assert (["approved"], 1) == (told.outcomes, len(service.submissions))


@pytest.mark.parametrize("status", [408, 425, 500, 501, 502, 504])
async def test_rule_17_an_unclear_answer_without_a_body_is_looked_up(status: int, tmp_path: Path) -> None:
    """As ever: the send may have arrived, and keeps its id when it is made again."""
    async with odd_service(Odd(refusal(status), takes=False)) as service:
        told = await Drive(tmp_path, service.url)(education(tmp_path, 1))
    assert ["approved"] == told.outcomes
    first, second = (heard.header("MS-RequestId") for heard in service.submissions)
    assert first == second


async def test_the_first_bare_refusal_says_what_it_can_mean(tmp_path: Path) -> None:
    """Once for the run, in the words of `doctor`; not where others were served before."""
    async with odd_service() as service:
        service.next_looks = [refusal(403)] * 2
        first = await Drive(tmp_path / "first", service.url)(education(tmp_path, *range(3)), concurrency=1)
        service.next_looks = [canned(body="[]"), refusal(403)]
        later = await Drive(tmp_path / "later", service.url)(education(tmp_path, 7, 8), concurrency=1)
    assert ["refused-at-first"] == first.warnings
    assert "not registered in Partner Center" in first.report.notices[0].message
    assert [] == later.warnings
    assert "does not say why" in later.rows[1]["what_to_do"]


def app_and_user() -> Privileges:
    """Two tokens."""
    return Privileges(GivenToken("users"), GivenToken("apps"))


def borne(service: OddService) -> list[str]:
    """Whose token each look bore."""
    return [(heard.header("Authorization") or "").removeprefix("Bearer ") for heard in service.looks]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(refusal(403), id="without a body"),
        pytest.param(refusal(403, "900329"), id="the app alone"),
        pytest.param(refusal(403, "900124"), id="a code that ends runs"),
        pytest.param(refusal(401, 1002, "Authorization Failed"), id="authorization failed"),
    ],
)
async def test_rule_17_what_the_app_may_not_look_at_the_user_does(answer: Canned, tmp_path: Path) -> None:
    """Three looks are tried with the app's token; then the user's serves the rest of the run."""
    async with odd_service() as service:
        service.to_token["apps"] = answer
        told = await Drive(tmp_path, service.url)(
            education(tmp_path, *range(8)), tokens=app_and_user(), concurrency=1
        )
    assert ({"approved": 8}, 0) == (dict(told.totals), told.exit_code)
    assert ["apps", "users"] * 3 == borne(service)[:6]
    assert {"users"} == set(borne(service)[6:])


async def test_rule_17_a_customer_who_refuses_both_is_that_rows(tmp_path: Path) -> None:
    """One look with each token; the others are looked at with the app's, and sent."""
    async with odd_service() as service:
        service.by_path[f"/v1/customers/{customer(1)}/qualifications"] = refusal(403, "20002")
        told = await Drive(tmp_path, service.url)(
            education(tmp_path, 1, 2, 3), tokens=app_and_user(), concurrency=1
        )
    assert ["failed", "approved", "approved"] == told.outcomes
    assert ["apps", "users", *["apps"] * 4] == borne(service)


async def test_a_relationship_that_3000_names_is_no_cell(tmp_path: Path) -> None:
    """The words tell, for one row alone."""
    words = "The relationship between the partner and customer does not exist."
    async with odd_service(
        refused(400, "3000", words), refused(400, 3000, "educationSegment is wrong.")
    ) as one:
        told = await Drive(tmp_path, one.url)(education(tmp_path, 1, 2, 3), concurrency=1)
    first, second, third = (row["what_to_do"] for row in told.rows)
    assert "reseller invitation" in first
    assert "Check the cells" in second
    assert third is None


async def test_900308_names_the_roles_that_gcc_needs(tmp_path: Path) -> None:
    """One of four, at the customer."""
    async with odd_service(refused(403, "900308"), refused(403, "900308")) as service:
        service.by_path["/v1/customers/all/validations"] = canned(
            body='[{"validationId":"0012345","maxCreates":5,"remainingCreates":5}]'
        )
        rows = sheet(tmp_path, (customer(1), "GCC", "", "0012345"), (customer(2), "Education", "K12"))
        told = await Drive(tmp_path, service.url)(rows, concurrency=1)
    gcc, other = (row["what_to_do"] for row in told.rows)
    for role in ("Directory Readers", "Directory Writers", "License Administrator", "User Administrator"):
        assert role in gcc
        assert role not in other
