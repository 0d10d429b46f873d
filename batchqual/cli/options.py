"""The options, each declared once: what it is called, what it takes, and how `--help` explains it.

Values stay text here. `batchqual.settings` reads them, so that a flag, an environment variable and a settings
file are understood, and refused, in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

__all__ = [
    "CHECK",
    "CODES",
    "INPUTS",
    "LOGIN",
    "LOGOUT",
    "REPORT",
    "RUN",
    "STATUS",
    "SUPPORT",
    "VERIFY",
    "Argument",
    "Kind",
    "Option",
    "options_named",
]


class Kind(Enum):
    """How an option is given."""

    VALUE = "value"
    MANY = "many"  # may be repeated
    SWITCH = "switch"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Option:
    """One option. ``name`` is that of the setting; ``default`` is what help shows, ``rehearsal`` the default
    of `rehearse` where it differs; ``choices`` are offered by shell completion."""

    name: str
    help: str
    metavar: str = ""
    panel: str = "Options"
    default: str = ""
    rehearsal: str = ""
    kind: Kind = Kind.VALUE
    short: str = ""
    choices: tuple[str, ...] = ()

    @property
    def spelling(self) -> str:
        """``--poll-min``."""
        return f"--{self.name.replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument; ``many`` takes as many as there are. Verbs say when one is missing."""

    name: str
    metavar: str
    help: str
    many: bool = False


INPUTS = Argument(
    "inputs",
    "INPUT...",
    "Spreadsheets: CSV, TSV, XLSX, XLSM, XLS, XLSB or ODS; wildcards are understood; - is CSV on stdin.",
    many=True,
)

_INPUT, _PACE, _SAFETY, _SERVICE, _OUTPUT = "Input", "Pace and waiting", "Safety", "Service", "Output"

_ALL = (
    Option(
        "qualification",
        "For rows whose qualification cell is empty: Education, GovernmentCommunityCloud (GCC) or "
        "StateOwnedEntity.",
        "NAME",
        _INPUT,
        choices=("Education", "GovernmentCommunityCloud", "StateOwnedEntity"),
    ),
    Option(
        "education_segment",
        "For Education rows whose segment cell is empty: K12 or HigherEducation.",
        "NAME",
        _INPUT,
        choices=("K12", "HigherEducation"),
    ),
    Option(
        "encoding",
        "Encoding of CSV and TSV files, when detection is wrong: cp1252, cp932, gbk, mac_roman and so on.",
        "NAME",
        _INPUT,
        default="detected",
    ),
    Option(
        "sheet",
        "The sheet to read.",
        "NAME",
        _INPUT,
        default="first visible sheet, or the only one with headings",
    ),
    Option(
        "map",
        "The file calls FIELD by another heading, for example customer_id=Tenant; may be repeated.",
        "FIELD=HEADING",
        _INPUT,
        kind=Kind.MANY,
    ),
    Option(
        "rate",
        "Ceiling in requests a second for one partner, all calls together; 'none' on loopback only.",
        "N",
        _PACE,
        default="5",
        rehearsal="50",
    ),
    Option("concurrency", "Requests in flight at most.", "N", _PACE, default="16"),
    Option(
        "wait",
        "How long to poll after the last submission was answered; 0 looks once, 'forever' does not give up.",
        "DURATION",
        _PACE,
        default="1h",
        rehearsal="2m",
    ),
    Option(
        "poll_min",
        "Shortest time between two looks at one customer.",
        "DURATION",
        _PACE,
        default="30s",
        rehearsal="0.2s",
    ),
    Option(
        "poll_max",
        "Longest time between two looks at one customer.",
        "DURATION",
        _PACE,
        default="1h",
        rehearsal="2s",
    ),
    Option(
        "patience",
        "How long looks must have shown nothing before a submission of unknown fate is sent again.",
        "DURATION",
        _PACE,
        default="60s",
        rehearsal="2s",
    ),
    Option(
        "recheck",
        "Look again at granted rows whose last look is older; denied ones are looked at in every run.",
        "DURATION",
        _PACE,
        default="30d",
    ),
    Option("yes", "Do not ask before writing.", panel=_SAFETY, kind=Kind.SWITCH),
    Option("strict", "Any warning about the input blocks the writes.", panel=_SAFETY, kind=Kind.SWITCH),
    Option(
        "first",
        "Canary: at most N submissions, in input order; the others stay 'not attempted'.",
        "N",
        _SAFETY,
        default="all",
    ),
    Option(
        "max_failures",
        "Stop submitting when more rows than this failed: a number, or a part of the rows answered.",
        "N|P%",
        _SAFETY,
        default="25%",
    ),
    Option("resubmit_denied", "Offer denied rows again.", panel=_SAFETY, kind=Kind.SWITCH),
    Option(
        "resend_unknown",
        "Give up rows whose fate is still unknown after three sends, and ask for them anew.",
        panel=_SAFETY,
        kind=Kind.SWITCH,
    ),
    Option(
        "allow_last_attempt",
        "With --resubmit-denied or --resend-unknown: use the third and last Education request of a customer "
        "too.",
        panel=_SAFETY,
        kind=Kind.SWITCH,
    ),
    Option(
        "api",
        "Contract of the API: asynchronous, asynchronous-2020 or synchronous.",
        "NAME",
        _SERVICE,
        default="asynchronous",
        choices=("asynchronous", "asynchronous-2020", "synchronous"),
    ),
    Option(
        "base_url",
        "Address of the API; https only, plain http on loopback alone.",
        "URL",
        _SERVICE,
        default="that of the cloud",
    ),
    Option(
        "cloud",
        "global, us-government or china.",
        "NAME",
        _SERVICE,
        default="global",
        choices=("global", "us-government", "china"),
    ),
    Option(
        "auth",
        "How to sign in: refresh-token, login, device-code, app or token.",
        "NAME",
        _SERVICE,
        default="by what is configured",
        choices=("refresh-token", "login", "device-code", "app", "token"),
    ),
    Option(
        "ledger",
        "The SQLite file that remembers what was sent.",
        "PATH",
        _SERVICE,
        default="in your data folder",
        rehearsal="thrown away at the end",
    ),
    Option(
        "report",
        "Where to write the report; the suffix chooses .xlsx, .csv or .json; may be repeated.",
        "PATH",
        _OUTPUT,
        default="a workbook beside the first input",
        kind=Kind.MANY,
    ),
    Option(
        "json", "One JSON document on stdout at the end, errors included.", panel=_OUTPUT, kind=Kind.SWITCH
    ),
    Option(
        "log_format",
        "Talk on stderr as text, or as one JSON object a line.",
        "text|json",
        _OUTPUT,
        default="text",
        choices=("text", "json"),
    ),
    Option("verbose", "Log every step; -vv repeats too.", panel=_OUTPUT, kind=Kind.COUNT, short="-v"),
    Option("quiet", "Say nothing but errors.", panel=_OUTPUT, kind=Kind.SWITCH, short="-q"),
    Option("config", "Settings file.", "FILE", _OUTPUT, default="batchqual.toml if there is one"),
)
_BY_NAME = {option.name: option for option in _ALL}


def options_named(names: Iterable[str]) -> tuple[Option, ...]:
    """The options of these names, in the order of the table."""
    wanted = set(names)
    return tuple(option for option in _ALL if option.name in wanted)


_SPEECH = ("json", "log_format", "verbose", "quiet", "config")

RUN = _ALL
"""Options of `run`, `plan`, `resume` and `rehearse`."""

CHECK = options_named(
    ("qualification", "education_segment", "sheet", "encoding", "map", "strict", "api", "report", *_SPEECH)
)
"""Those about the input; the API's contract decides whether a segment is needed."""

REPORT = options_named(("ledger", "base_url", "cloud", "report", *_SPEECH))
STATUS = options_named(("ledger", "base_url", "cloud", "json", "config"))
SUPPORT = options_named(("ledger", "base_url", "cloud", "json", "config"))
VERIFY = options_named(("ledger", "base_url", "cloud", "json", "config"))
CODES = options_named(("base_url", "cloud", "auth", "rate", "ledger", "json", "config"))
LOGIN = options_named(("cloud", "json", "config"))
LOGOUT = options_named(("cloud", "json", "config"))
