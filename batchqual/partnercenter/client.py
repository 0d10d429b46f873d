"""The typed front of the service: what a look, a submission and the lists mean."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import NoReturn
from urllib.parse import quote

from ..errors import CallFailed, NotFound, Unavailable
from ..model import Holding, QualificationRequest, mask_code
from .answers import (
    Customer,
    Submission,
    ValidationCode,
    read_codes,
    read_customer,
    read_denial,
    read_refusal,
    read_submitted,
)
from .call import Call, Counts, Door, Reply
from .contracts import Contract
from .customers import CONTINUATION, CustomerPage, Query, read_page, walk
from .pace import Gate
from .retry import new_id
from .text import UNREADABLE, excerpt
from .wire import read_holdings

__all__ = ["PartnerCenter"]

_Pairs = tuple[tuple[str, str], ...]


class PartnerCenter:
    """Partner Center's qualification calls for one partner. Made by `open_partner_center`.

    Every method may raise NotSent (not reached, or stopped before its turn), AccessDenied and PausedTooLong
    (nothing more will work in this run) and SignInNeeded. Customers are named by their tenant GUID.
    ``counts`` tells every try on the wire; ``gate`` can be abandoned at an interrupt; ``writes`` says whether
    anybody is there to submit, ``ready_to_submit`` raises what keeps that one from signing in now.
    """

    def __init__(
        self,
        door: Door,
        contract: Contract,
        *,
        counts: Counts,
        gate: Gate,
        ready: Callable[[], Awaitable[None]],
        writes: bool = True,
    ) -> None:
        self._door = door
        self._contract = contract
        self.counts = counts
        self.gate = gate
        self.writes = writes
        self.ready_to_submit = ready

    @property
    def one_value(self) -> bool:
        """Whether the contract knows one value for a customer, not a list (``synchronous``)."""
        return self._contract.one_value

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        """What the customer holds, with the state of its vetting; empty when nothing.

        Raises NotFound, Refused, and Unavailable when retries ran out or the answer has no known shape.
        """
        endpoint = f"customers/{{id}}/{self._contract.resource}"
        reply = await self._get(self._path(customer_id, self._contract.resource), endpoint)
        holdings = read_holdings(reply.body)
        return holdings if holdings is not UNREADABLE else _unknown_shape(endpoint, reply)

    async def submit(self, request: QualificationRequest, *, request_id: str) -> Submission:
        """Ask for a qualification. ``request_id`` (a GUID) must be on disk before, and is sent unchanged.

        Raises NotSent (may be made again), FateUnknown (look first), AlreadyThere (look), Refused (final).
        A denial in the words of the synchronous contract is an answer, whatever its status.
        """
        code = request.validation_code
        resource = self._contract.resource
        call = Call(
            self._contract.method,
            self._path(request.customer_id, resource),
            f"customers/{{id}}/{resource}",
            request_id,
            writes=True,
            query=self._contract.query(request),
            body=self._contract.encode(request),
            masks=((code, mask_code(code)),) if code else (),
        )
        try:
            reply = await self._door.send(call)
        except CallFailed as failure:
            denied = _denied(failure) if self.one_value else None
            if denied is None:
                raise
            return denied
        body = reply.body if reply.complete else b""
        refusal = read_refusal(body) if self.one_value else None
        return Submission(
            read_submitted(body, request.qualification),
            call.masked(refusal) if refusal else None,
            reply.status,
            reply.correlation_id,
            excerpt(reply.body, call.masked),
        )

    async def customer(self, customer_id: str) -> Customer:
        """The customer's default domain and name. Raises NotFound, Refused (not ours), Unavailable."""
        reply = await self._get(self._path(customer_id), "customers/{id}")
        customer = read_customer(reply.body)
        return customer if customer is not UNREADABLE else _unknown_shape("customers/{id}", reply)

    def customer_pages(
        self, *, domain_prefix: str | None = None, after: str | None = None, size: int = 500
    ) -> AsyncGenerator[CustomerPage, None]:
        """The partner's customers, page by page, each page asked for when the one before was taken.

        ``domain_prefix`` leaves those whose default domain begins so. ``after`` is the ``next`` of a page
        that was read earlier, perhaps by another process. Raises Refused (400: the service does not know
        ``after`` any more, or takes no such filter), NotFound, and Unavailable, also for a list without end.
        """
        query = Query(domain_prefix, size)

        async def fetch(token: str | None) -> tuple[CustomerPage, str]:
            headers = ((CONTINUATION, token),) if token is not None else ()
            reply = await self._get("/v1/customers", "customers", query=query.of(token), headers=headers)
            page = read_page(reply)
            return page if page is not UNREADABLE else _unknown_shape(
                "customers", reply
            ), reply.correlation_id

        return walk(fetch, after)

    async def validation_codes(self) -> tuple[ValidationCode, ...]:
        """The partner's GCC validation codes. Raises Refused, NotFound, Unavailable."""
        endpoint = "customers/all/validations"
        reply = await self._get(f"/v1/{endpoint}", endpoint)
        codes = read_codes(reply.body)
        return codes if codes is not UNREADABLE else _unknown_shape(endpoint, reply)

    async def _get(self, path: str, endpoint: str, *, query: _Pairs = (), headers: _Pairs = ()) -> Reply:
        try:
            return await self._door.send(Call("GET", path, endpoint, new_id(), query=query, headers=headers))
        except Unavailable as failure:
            if failure.http_status != 404:
                raise
            # Every try found 404 with a body that nobody can read: its meaning is still "not there".
            missing = failure
        raise NotFound(
            missing.message,
            http_status=404,
            error_code=missing.error_code,
            correlation_id=missing.correlation_id,
        )

    def _path(self, customer_id: str, resource: str = "") -> str:
        if not customer_id:
            raise ValueError("a customer without an ID would be the list of all of them")
        return "/".join(("/v1/customers", quote(customer_id, safe=""), resource)).rstrip("/")


def _denied(failure: CallFailed) -> Submission | None:
    words, status = read_denial(failure.message), failure.http_status
    if words is None or status is None:
        return None
    return Submission(None, words, status, failure.correlation_id or "", failure.body)


def _unknown_shape(endpoint: str, reply: Reply) -> NoReturn:
    raise Unavailable(
        f"The answer to {endpoint} has a shape that this version does not know (HTTP {reply.status}).",
        http_status=reply.status,
        correlation_id=reply.correlation_id,
    )
