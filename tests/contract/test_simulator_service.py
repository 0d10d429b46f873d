"""The simulator over a real socket, asked with a bare aiohttp client: what the service answers."""

from __future__ import annotations

import json

import pytest
from support.bare_client import EDU, GCC, ID, SOE, running

from batchqual.simulator import Code, Customer, Shapes, SimulatorSettings, World


def world(*customers: Customer) -> World:
    return World(customers, [Code("0123", "Contoso City Hall", 5, 1)])


async def test_a_fresh_customer_holds_nothing() -> None:
    """A customer that nobody asked for yet answers with an empty array."""
    async with running() as client:
        assert [] == (await client.fetch()).json


async def test_an_accepted_submission_is_created_and_seen() -> None:
    """POST answers 201 with one object, GET shows it in an array, the books count it once."""
    async with running() as client:
        posted = await client.submit(EDU)
        assert 201 == posted.status
        assert {"qualification", "vettingStatus", "vettingCreateDate"} == set(json.loads(posted.text))
        assert [json.loads(posted.text)] == (await client.fetch()).json
        assert {(ID, "Education"): 1} == client.simulator.books.accepted


async def test_vetting_takes_its_time() -> None:
    """Education is in review until its delay is over; the same submission meanwhile is a conflict."""
    async with running(SimulatorSettings(denial_rate=0, vetting_delay=(60, 60))) as client:
        posted = json.loads((await client.submit(EDU)).text)
        assert "InReview" == posted["vettingStatus"]
        assert 409 == (await client.submit(EDU)).status


@pytest.mark.parametrize(
    ("body", "query"),
    [
        pytest.param([{"Qualification": "Education"}], "", id="array"),
        pytest.param(1, "", id="integer"),
        pytest.param({"Qualification": "Education"}, "", id="pascal"),
        pytest.param({"Qualification": "education"}, "", id="pascal-lower"),
        pytest.param(EDU, "", id="camel"),
        pytest.param([{"Qualification": "GovernmentCommunityCloud"}], "?code=0123", id="array-code"),
        pytest.param(3, "?code=0123", id="integer-code"),
        pytest.param({"Qualification": "GovernmentCommunityCloud"}, "?code=0123", id="pascal-code"),
        pytest.param(GCC, "", id="camel-code"),
        pytest.param(GCC, "?code=0123", id="both-codes"),
        pytest.param(SOE, "", id="state-owned"),
    ],
)
async def test_every_documented_body_is_accepted(body: object, query: str) -> None:
    """Each request body that was ever printed sets the qualification."""
    async with running(world=world()) as client:
        assert 201 == (await client.submit(body, query=query)).status


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(b"", 400, "2000", id="no-body"),
        pytest.param(b"{", 400, "2000", id="not-json"),
        pytest.param({"qualification": "Education"}, 400, "3000", id="no-segment"),
        pytest.param({"qualification": "None"}, 400, "900126", id="none"),
        pytest.param({"qualification": "Nonprofit"}, 400, "900126", id="nonprofit"),
        pytest.param({"qualification": "Learning"}, 400, "900126", id="unknown-word"),
        pytest.param({"qualification": "GovernmentCommunityCloud"}, 400, "3000", id="no-code"),
        pytest.param(GCC | {"validationCode": "9"}, 400, "990401", id="unknown-code"),
    ],
)
async def test_what_is_refused_changes_nothing(body: object, status: int, code: str) -> None:
    """A refused submission answers with the service's error body and leaves no trace."""
    async with running(world=world()) as client:
        answer = await client.submit(body)
        assert (status, code) == (answer.status, json.loads(answer.text)["code"])
        assert [] == (await client.fetch()).json
        assert {} == client.simulator.books.accepted


async def test_a_code_runs_out() -> None:
    """Each accepted GCC submission takes one create; without any left the next is refused and takes none."""
    async with running(world=world()) as client:
        assert 201 == (await client.submit(GCC)).status
        refused = await client.submit(GCC, ID.replace("1", "2"))
        assert (400, "990402") == (refused.status, json.loads(refused.text)["code"])
        codes = (await client.ask("GET", "/v1/customers/all/validations")).json
        assert isinstance(codes, list)
        assert ("0123", 5, 0) == tuple(
            codes[0][k] for k in ("validationId", "maxCreates", "remainingCreates")
        )
        assert {"0123": 1} == client.simulator.books.creates_used


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(EDU, GCC, id="education-then-gcc"),
        pytest.param(GCC, EDU, id="gcc-then-education"),
        pytest.param(SOE, GCC, id="state-owned-then-gcc"),
    ],
)
async def test_what_does_not_go_together(first: object, second: object, status: int) -> None:
    """The second of two that do not combine is refused with the status of the knob."""
    settings = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0), combination_status=status)
    async with running(settings, world()) as client:
        assert 201 == (await client.submit(first)).status
        assert status == (await client.submit(second)).status


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(EDU, SOE, id="education"),
        pytest.param(SOE, EDU, id="soe-first"),
        pytest.param(GCC, SOE, id="gcc"),
    ],
)
async def test_a_state_owned_entity_goes_with_either(first: object, second: object) -> None:
    """StateOwnedEntity is present without a status beside the other one."""
    async with running(world=world()) as client:
        assert [201, 201] == [(await client.submit(body)).status for body in (first, second)]
        shown = (await client.fetch()).json
        assert isinstance(shown, list)
        assert {"qualification": "StateOwnedEntity"} in shown


async def test_a_denied_customer_may_ask_three_times() -> None:
    """The second and third Education request after a denial are accepted, the fourth is refused."""
    async with running(SimulatorSettings(denial_rate=1, vetting_delay=(0, 0))) as client:
        assert [201, 201, 201, 400] == [(await client.submit(EDU)).status for _ in range(4)]
        shown = (await client.fetch()).json
        assert isinstance(shown, list)
        assert "Denied" == shown[0]["vettingStatus"]
        assert shown[0]["vettingReason"]


async def test_a_denial_that_never_shows() -> None:
    """Denied at once and shown for no time: the POST is accepted without a body, and GET shows nothing."""
    settings = SimulatorSettings(denial_rate=1, vetting_delay=(0, 0), denied_shown=0)
    async with running(settings) as client:
        assert (201, "") == (await client.submit(EDU))[:2]
        assert [] == (await client.fetch()).json


@pytest.mark.parametrize(
    ("customer", "status", "code"),
    [
        pytest.param(Customer(ID, relation="foreign"), 403, "20002", id="foreign"),
        pytest.param(Customer(ID, relation="unknown"), 404, "1000", id="unknown"),
    ],
)
async def test_customers_of_others(customer: Customer, status: int, code: str) -> None:
    """Foreign customers answer 403 and unknown ones 404, on every call."""
    async with running(world=world(customer)) as client:
        answers = [
            await client.fetch(),
            await client.submit(EDU),
            await client.put(1),
            await client.ask("GET", f"/v1/customers/{ID}"),
        ]
        assert [(status, code)] * 4 == [(a.status, json.loads(a.text)["code"]) for a in answers]


async def test_a_closed_population_knows_nobody_else() -> None:
    """With unknown_customers strict an id that is not in the world is 404; a malformed one is 400 always."""
    async with running(SimulatorSettings(unknown_customers="strict")) as client:
        assert 404 == (await client.fetch()).status
        assert 400 == (await client.fetch("contoso")).status


async def test_a_customer_whose_requests_are_refused() -> None:
    """A pinned refusal answers writes alone."""
    async with running(world=world(Customer(ID, refuse=(403, "800073")))) as client:
        assert 200 == (await client.fetch()).status
        assert 403 == (await client.submit(EDU)).status


async def test_a_customer_by_id() -> None:
    """GET of a customer shows domain, name and the relationship."""
    async with running(world=world(Customer(ID, "Contoso", "contoso.example"))) as client:
        shown = json.loads((await client.ask("GET", f"/v1/customers/{ID.upper()}")).text)
        assert {"tenantId": ID, "domain": "contoso.example", "companyName": "Contoso"} == shown[
            "companyProfile"
        ]
        assert "reseller" == shown["relationshipToPartner"]


async def test_the_same_request_id_writes_once() -> None:
    """With the same MS-RequestId the stored answer comes again, without a second write; the books tell."""
    async with running(SimulatorSettings(denial_rate=1, vetting_delay=(0, 0))) as client:
        first = await client.submit(EDU, MS_RequestId="a")
        second = await client.submit(EDU, MS_RequestId="a")
        assert (first.status, first.text) == (second.status, second.text)
        assert "a" == second.headers["MS-RequestId"]
        assert {(ID, "Education"): 1} == client.simulator.books.accepted
        assert 1 == client.simulator.books.replays
        assert [(True, False), (False, True)] == [
            (e.written, e.replayed) for e in client.simulator.books.log()
        ]


async def test_without_deduplication_the_same_id_writes_again() -> None:
    """The switch is there to show what a client does when the service forgets."""
    async with running(SimulatorSettings(denial_rate=1, vetting_delay=(0, 0), deduplicate=False)) as client:
        for _ in range(2):
            assert 201 == (await client.submit(EDU, MS_RequestId="a")).status
        assert {(ID, "Education"): 2} == client.simulator.books.accepted


@pytest.mark.parametrize(
    ("shapes", "education", "none"),
    [
        pytest.param(Shapes(sync="string"), '"education"', '"none"', id="string"),
        pytest.param(Shapes(sync="snake"), '"education"', '"none"', id="snake"),
        pytest.param(Shapes(sync="integer"), "1", "0", id="integer"),
    ],
)
async def test_the_synchronous_api(shapes: Shapes, education: str, none: str) -> None:
    """PUT and GET .../qualification answer one bare value; setting it again is no error."""
    async with running(SimulatorSettings(denial_rate=0, shapes=shapes)) as client:
        assert none == (await client.ask("GET", f"/v1/customers/{ID}/qualification")).text
        assert [(200, education)] * 2 == [(await client.put(1))[:2] for _ in range(2)]
        assert education == (await client.ask("GET", f"/v1/customers/{ID}/qualification")).text


async def test_the_synchronous_api_takes_the_code_in_the_query() -> None:
    """PUT 3 with ?code= sets GCC; another value afterwards is refused."""
    async with running(world=world()) as client:
        assert (200, '"governmentcommunitycloud"') == (await client.put(3, query="?code=0123"))[:2]
        assert 400 == (await client.put(1)).status


async def test_the_synchronous_api_denies_in_words() -> None:
    """A denial is a 2xx whose body is a sentence; the other API shows it as Denied with that reason."""
    async with running(SimulatorSettings(denial_rate=1)) as client:
        assert (200, '"Customer tagging denied."') == (await client.put(1))[:2]
        shown = (await client.fetch()).json
        assert isinstance(shown, list)
        assert ("Denied", "Customer tagging denied.") == (
            shown[0]["vettingStatus"],
            shown[0]["vettingReason"],
        )


async def test_a_put_while_in_review_is_a_conflict() -> None:
    """What was posted and is in review cannot be put."""
    async with running(SimulatorSettings(denial_rate=0, vetting_delay=(60, 60))) as client:
        await client.submit(EDU)
        assert 409 == (await client.put(1)).status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("DELETE", f"/v1/customers/{ID}/qualifications", 405, id="delete"),
        pytest.param("GET", "/v1/invoices", 404, id="elsewhere"),
        pytest.param("GET", "/simulator/elsewhere", 404, id="own"),
    ],
)
async def test_calls_that_do_not_exist(method: str, path: str, status: int) -> None:
    """A wrong method is 405, a wrong path 404."""
    async with running() as client:
        assert status == (await client.ask(method, path)).status


async def test_an_endpoint_can_refuse_everyone() -> None:
    """The knob `refusals` answers for a whole endpoint."""
    async with running(SimulatorSettings(refusals=("codes=403/900308",))) as client:
        answer = await client.ask("GET", "/v1/customers/all/validations")
        assert (403, "900308") == (answer.status, json.loads(answer.text)["code"])
        assert 200 == (await client.fetch()).status


async def test_a_percent_encoded_path_is_the_same_path() -> None:
    """Braces, which some people paste, do not make a GUID."""
    async with running() as client:
        assert 400 == (await client.fetch("%7B" + ID + "%7D")).status
