"""The service itself: a call in, a reply out, at once. Nothing here knows of sockets, faults or waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qsl

from .bodies import BodyError, read_wish
from .chance import fraction
from .names import APPROVED, DENIED, EDUCATION, GCC, NONE, SOE, is_guid
from .paging import PageError, PageFailure, page, page_failures, profile
from .people import Customer
from .rules import FOREIGN, UNKNOWN, Refusal, Rules
from .vetting import Vetting
from .wording import Reply, acceptance, code_list, dump, error, listing, single

if TYPE_CHECKING:
    from collections.abc import Callable

    from .bodies import Wish
    from .books import Books
    from .settings import SimulatorSettings
    from .world import World

QUALIFICATIONS: Final = "/v1/customers/{id}/qualifications"
QUALIFICATION: Final = "/v1/customers/{id}/qualification"
CODES: Final = "/v1/customers/all/validations"
CUSTOMER: Final = "/v1/customers/{id}"
CUSTOMERS: Final = "/v1/customers"

_UNEXPECTED = Refusal(500, "800003", "Unexpected error.")
_NOT_A_GUID = Refusal(400, "2000", "Tenant Id must be a GUID.")
_ENDPOINTS: Final = {
    ("POST", QUALIFICATIONS): "submit",
    ("PUT", QUALIFICATION): "submit",
    ("GET", QUALIFICATIONS): "fetch",
    ("GET", QUALIFICATION): "fetch",
    ("GET", CODES): "codes",
    ("GET", CUSTOMER): "customer",
    ("GET", CUSTOMERS): "customers",
}
_PATHS: Final = frozenset(path for _, path in _ENDPOINTS)


class Call(NamedTuple):
    """A request. `path` is a template (or the path itself, where nothing is served), `customer` the id in
    it, lower case; `lag` the seconds for which reads will not see what this call writes."""

    number: int
    method: str
    path: str
    customer: str = ""
    query: str = ""
    body: bytes = b""
    request_id: str = ""
    continuation: str | None = None
    lag: float = 0.0

    @property
    def is_write(self) -> bool:
        """Whether this is one of the two calls that change something."""
        return self.method in {"POST", "PUT"}


def route(path: str) -> tuple[str, str]:
    """The template that `path` fits, with the customer's id (or an empty one); else the path itself."""
    match path.split("/")[1:]:
        case ["v1", "customers"]:
            return CUSTOMERS, ""
        case ["v1", "customers", "all", "validations"]:
            return CODES, ""
        case ["v1", "customers", customer]:
            return CUSTOMER, customer.lower()
        case ["v1", "customers", customer, "qualifications"]:
            return QUALIFICATIONS, customer.lower()
        case ["v1", "customers", customer, "qualification"]:
            return QUALIFICATION, customer.lower()
        case _:
            return path, ""


class Service:
    """Partner Center, as far as customer qualifications are concerned, over one `World`."""

    def __init__(self, settings: SimulatorSettings, world: World, books: Books) -> None:
        self._settings = settings
        self._world = world
        self._books = books
        self._rules = Rules(
            settings.require_segment, settings.combination_status, settings.education_attempts
        )
        self._vetting = Vetting(
            settings.seed,
            settings.denial_rate,
            settings.vetting_delay,
            settings.gcc_delay,
            settings.denied_shown,
        )
        self._refused = _read_refusals(settings.refusals)
        self._page_failures = page_failures(settings.page_failures)
        self._stored: dict[tuple[str, str, str, str], Reply] = {}
        self._handlers: dict[str, Callable[[Call], Reply]] = {
            "submit": self._submit_once,
            "fetch": self._fetch,
            "codes": self._codes,
            "customer": self._profile,
            "customers": self._page,
        }

    def answer(self, call: Call) -> Reply:
        """The reply to `call`; what it changes has happened when this returns."""
        endpoint = _ENDPOINTS.get((call.method, call.path))
        if endpoint is None:
            status = 405 if call.path in _PATHS else 404
            return self._error(Refusal(status, "0", "There is no such call."))
        if endpoint in self._refused:
            return self._error(self._refused[endpoint])
        return self._handlers[endpoint](call)

    def _submit_once(self, call: Call) -> Reply:
        if not (self._settings.deduplicate and call.request_id):
            return self._submit(call)
        key = (call.request_id, call.method, call.path, call.customer)
        if key in self._stored:
            return self._stored[key]._replace(changed=False, replayed=True)
        reply = self._stored[key] = self._submit(call)
        return reply

    def _submit(self, call: Call) -> Reply:
        customer = self._customer(call.customer)
        if isinstance(customer, Refusal):
            return self._error(customer)
        code = dict(parse_qsl(call.query)).get("code") if call.query else None
        try:
            wish = read_wish(call.body, code, self._settings.code_source)
        except BodyError as wrong:
            return self._error(Refusal(400, wrong.code, str(wrong)))
        synchronous = call.method == "PUT"
        refusal = self._rules.refusal(self._world, customer, wish, synchronous=synchronous)
        if refusal is not None:
            return self._error(refusal)
        return self._accept(call, customer, wish, synchronous=synchronous)

    def _accept(self, call: Call, customer: Customer, wish: Wish, *, synchronous: bool) -> Reply:
        now = self._world.clock()
        self._books.accepted[customer.id, wish.qualification] += 1
        if customer.holds_live(wish.qualification, now):
            return single(wish.qualification, self._settings.shapes.sync, changed=True)
        holding = self._vetting.holding(customer, wish, now, at_once=synchronous, lag=call.lag)
        self._world.accept(customer, holding)
        if wish.qualification == GCC and wish.code:
            self._books.creates_used[wish.code] += 1
        if synchronous:
            if holding.status == DENIED:
                return Reply(200, dump(holding.reason), changed=True)
            return single(wish.qualification, self._settings.shapes.sync, changed=True)
        sight = holding.sight(now)
        if sight is None:  # denied at once, and never shown
            return Reply(201, changed=True)
        return acceptance(sight, self._settings.shapes.at(call.number))

    def _fetch(self, call: Call) -> Reply:
        customer = self._customer(call.customer)
        if isinstance(customer, Refusal):
            return self._error(customer)
        sights = customer.sights(self._world.clock(), lagging=True)
        if call.path == QUALIFICATIONS:
            return listing(sights, self._settings.shapes.at(call.number))
        held = {sight.qualification for sight in sights if sight.status in {APPROVED, None}}
        value = next((name for name in (GCC, EDUCATION, SOE) if name in held), NONE)
        return single(value, self._settings.shapes.sync)

    def _codes(self, _: Call) -> Reply:
        return code_list(list(self._world.codes.values()), self._settings.shapes)

    def _page(self, call: Call) -> Reply:
        query = dict(parse_qsl(call.query))
        if self._settings.filter_fails and "filter" in query:
            return self._error(_UNEXPECTED)
        try:
            return page(
                self._world,
                query,
                call.continuation,
                size=self._settings.page_size,
                end=self._settings.paging_end,
                failures=self._page_failures,
            )
        except PageFailure:
            return self._error(_UNEXPECTED)
        except PageError as wrong:
            return self._error(Refusal(400, "2000", str(wrong)))

    def _profile(self, call: Call) -> Reply:
        customer = self._customer(call.customer)
        if isinstance(customer, Refusal):
            return self._error(customer)
        return Reply(200, dump(profile(customer) | {"attributes": {"objectType": "Customer"}}))

    def _customer(self, ident: str) -> Customer | Refusal:
        customer = self._world.customers.get(ident)
        if customer is None:
            if not is_guid(ident):
                return _NOT_A_GUID
            if self._settings.unknown_customers == "strict":
                return UNKNOWN
            customer = self._world.add(_invented(self._settings.seed, ident))
        if customer.relation == "foreign":
            return FOREIGN
        return UNKNOWN if customer.relation == "unknown" else customer

    def _error(self, refusal: Refusal) -> Reply:
        return error(refusal, self._settings.shapes.error)


def _invented(seed: int, ident: str) -> Customer:
    number = int(fraction(seed, ident, "name") * 1_000_000)
    return Customer(ident, f"Contoso {number:06d}", f"contoso{number:06d}.onmicrosoft.example")


def _read_refusals(texts: tuple[str, ...]) -> dict[str, Refusal]:
    known = set(_ENDPOINTS.values())
    refused: dict[str, Refusal] = {}
    for text in texts:
        endpoint, _, answer = text.partition("=")
        status, _, code = answer.partition("/")
        if endpoint not in known or not status.isdigit():
            raise ValueError(f"refusals: {text!r} must be ENDPOINT=STATUS/CODE, as in codes=403/900308")
        refused[endpoint] = Refusal(int(status), code or "0", "The request is refused.")
    return refused
