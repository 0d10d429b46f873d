"""Every knob of the simulator, with its default and the sentence that `--help` shows."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .bodies import CodeSource
from .faults import Faults
from .paging import page_failures
from .shapes import Shapes
from .throttle import RetryAfterForm

UnknownCustomers = Literal["create", "strict"]
TokenClaims = Literal["ignored", "read", "mfa"]
PagingEnd = Literal["plain", "code_2000", "repeat"]
Span = tuple[float, float]


@dataclass(frozen=True)
class SimulatorSettings:
    """All knobs. Times in seconds, rates in requests per second; a Span is (least, most), drawn in
    between."""

    host: str = field(default="127.0.0.1", metadata={"help": "Address to listen on."})
    port: int = field(default=0, metadata={"help": "Port to listen on; 0 takes a free one."})
    seed: int = field(
        default=1,
        metadata={"help": "Seed of all chance: verdicts go by customer, faults by the request's number."},
    )
    unknown_customers: UnknownCustomers = field(
        default="create",
        metadata={
            "help": "A well-formed customer id that is not in the world: create an own customer, or "
            "404 (strict)."
        },
    )
    denial_rate: float = field(
        default=0.1, metadata={"help": "Part of the Education requests that vetting denies, 0 to 1."}
    )
    vetting_delay: Span = field(
        default=(1.0, 5.0), metadata={"help": "Seconds that Education stays in review, as LEAST:MOST."}
    )
    gcc_delay: Span = field(
        default=(0.0, 0.0),
        metadata={"help": "Seconds that GCC stays in review, as LEAST:MOST; 0:0 approves at once."},
    )
    denied_shown: float = field(
        default=math.inf,
        metadata={"help": "Seconds for which GET shows a denial before the entry vanishes; inf: for ever."},
    )
    require_segment: bool = field(
        default=True,
        metadata={
            "help": "Refuse Education without educationSegment in the body of 2022; older bodies need none."
        },
    )
    combination_status: int = field(
        default=400,
        metadata={
            "help": "Status that refuses Education with GCC, and GCC where StateOwnedEntity is: 400 or 409."
        },
    )
    education_attempts: int = field(
        default=3,
        metadata={"help": "Education requests that a customer may make; the next one is refused with 400."},
    )
    codes: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "GCC validation codes that the world has besides its own, by commas, each CODE=CREATES."
        },
    )
    code_source: CodeSource = field(
        default="either",
        metadata={
            "help": "Where the service looks for a GCC code: validationCode in the body, ?code= in the"
            " query, either."
        },
    )
    deduplicate: bool = field(
        default=True,
        metadata={
            "help": "Give the stored answer again, without a second write, when an MS-RequestId comes again."
        },
    )
    latency: Span = field(
        default=(0.0, 0.0),
        metadata={
            "help": "Seconds between request and answer, as LEAST:MOST, half of them before the effect."
        },
    )
    rate: float | None = field(
        default=None, metadata={"help": "Requests a second beyond which 429 is answered; none: no limit."}
    )
    burst: int = field(default=10, metadata={"help": "Requests that may come at once before --rate counts."})
    penalty: float = field(
        default=1.0,
        metadata={"help": "Seconds for which every request is refused once the rate was exceeded."},
    )
    retry_after: RetryAfterForm = field(
        default="seconds",
        metadata={"help": "Retry-After of a 429: whole seconds, an HTTP date, absent, or negative."},
    )
    late_seconds: float = field(
        default=5.0, metadata={"help": "Seconds by which the fault late delays an answer."}
    )
    read_lag_seconds: float = field(
        default=1.0, metadata={"help": "Seconds by which the fault read_lag lets reads lag behind a write."}
    )
    tokens: frozenset[str] = field(
        default=frozenset(), metadata={"help": "Bearer tokens that are accepted, by commas; empty: any."}
    )
    app_tokens: frozenset[str] = field(
        default=frozenset(),
        metadata={"help": "Bearer tokens, by commas, that are app-only: they read, and get 403 for a write."},
    )
    token_lifetime: float | None = field(
        default=None,
        metadata={"help": "Seconds after its first use when a token is answered 401; none: it lives on."},
    )
    mfa_missing: bool = field(
        default=False,
        metadata={"help": "Refuse every user's token with 401 and code 900421, as if it had no MFA claim."},
    )
    token_claims: TokenClaims = field(
        default="ignored",
        metadata={
            "help": "What a token that is a JWT says of itself: ignored; read: past its exp it gets 401, "
            "without scp it is app-only; mfa: besides, a user's without mfa in amr gets 401 and code 900421."
        },
    )
    refusals: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Endpoints that refuse everyone, by commas, each ENDPOINT=STATUS/CODE; endpoints "
            "are submit, fetch, codes, customer, customers (codes=403/900308)."
        },
    )
    page_size: int = field(
        default=500, metadata={"help": "Customers on a page when the request does not say."}
    )
    paging_end: PagingEnd = field(
        default="plain",
        metadata={
            "help": "How the list of customers ends: without a next link, with one that answers code "
            "2000, or with the same token for ever (repeat)."
        },
    )
    page_failures: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Pages of the list of customers that answer 500, by commas, each PAGE=TIMES: page 3 "
            "twice is 3=2, and always is 3=ever."
        },
    )
    filter_fails: bool = field(
        default=False,
        metadata={"help": "Answer a list of customers with a filter with 500, as was seen in 2019."},
    )
    keep_log: int = field(
        default=500_000,
        metadata={"help": "Requests of which the books keep a line each; counts go on beyond."},
    )
    state: Path | None = field(
        default=None,
        metadata={
            "help": "JSON file that keeps the world: loaded at the start, saved on changes and at the end."
        },
    )
    save_every: float = field(
        default=1.0, metadata={"help": "Seconds between two saves of --state at least."}
    )
    faults: Faults = field(default_factory=Faults, metadata={"help": "What goes wrong on purpose."})
    shapes: Shapes = field(default_factory=Shapes, metadata={"help": "The shapes of answers."})

    def __post_init__(self) -> None:
        for name in ("vetting_delay", "gcc_delay", "latency"):
            least, most = getattr(self, name)
            if not 0 <= least <= most:
                raise ValueError(f"{name} must be two seconds, the least first, not {least}:{most}")
        page_failures(self.page_failures)
        if not 0 <= self.denial_rate <= 1:
            raise ValueError(f"denial_rate must be between 0 and 1, not {self.denial_rate}")
        if self.rate is not None and self.rate <= 0:
            raise ValueError(f"rate must be above 0 requests a second, not {self.rate}")
        if self.burst < 1:
            raise ValueError(f"burst must be 1 or more, not {self.burst}")
        if self.combination_status not in {400, 409}:
            raise ValueError(f"combination_status must be 400 or 409, not {self.combination_status}")
