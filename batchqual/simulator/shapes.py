"""The shapes in which answers have been documented or seen. The first value of each switch is today's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

GetShape = Literal["array", "wrapper", "pascal_array", "object"]
PostShape = Literal["object", "wrapper", "pascal_array", "empty", "html"]
DateKey = Literal["vettingCreateDate", "vettingCreatedDate"]
DateForm = Literal["seconds", "milliseconds", "ticks", "slashes", "absent"]
StatusForm = Literal["documented", "absent", "null", "unknown", "lower"]
NothingForm = Literal["empty", "none_entry", "null", "no_body", "not_found"]
NameForm = Literal["name", "lower", "snake", "integer"]
SyncForm = Literal["string", "snake", "integer"]
ErrorForm = Literal[
    "string_code", "int_code", "status_message", "error_name", "bare_string", "text", "html", "empty"
]


@dataclass(frozen=True)
class Shapes:
    """How answers are written. All members are switches of `simulate` too (`--shape-get` and so on)."""

    get: GetShape = field(
        default="array",
        metadata={
            "help": "Shape of GET .../qualifications: a bare array, a wrapper object, an array with "
            "Pascal-case keys, or a single object when there is one entry."
        },
    )
    post: PostShape = field(
        default="object",
        metadata={
            "help": "Shape of an accepted POST: 201 with an object, 200 with a wrapper, 200 with a "
            "Pascal-case array, 201 without a body, or 200 with a page of HTML."
        },
    )
    date_key: DateKey = field(
        default="vettingCreateDate", metadata={"help": "Spelling of the creation date's key."}
    )
    date: DateForm = field(
        default="seconds",
        metadata={
            "help": "Form of the creation date: ISO to the second, to the millisecond, with seven "
            "digits and an offset, as 07/09/2020: 00:00:00, or absent."
        },
    )
    status: StatusForm = field(
        default="documented",
        metadata={
            "help": "The vettingStatus as documented, left out, null, with an undocumented text instead of"
            " InReview, or in lower case."
        },
    )
    nothing: NothingForm = field(
        default="empty",
        metadata={
            "help": "GET for a customer without any qualification: an empty collection, an entry None,"
            " null, no body, or 404."
        },
    )
    name: NameForm = field(
        default="name",
        metadata={
            "help": "The qualification in answers: its name, in lower case, with underscores, or the integer."
        },
    )
    nulls: bool = field(default=False, metadata={"help": "Write absent members of an entry as null."})
    sync: SyncForm = field(
        default="string",
        metadata={
            "help": "Answers of the synchronous API: a bare JSON string, one with underscores, or the "
            "integer."
        },
    )
    code_id: Literal["string", "integer"] = field(
        default="string",
        metadata={
            "help": "The validationId in the list of codes: a string, or an integer (leading zeros lost)."
        },
    )
    error: ErrorForm = field(
        default="string_code",
        metadata={
            "help": "Error bodies: code as text, code as integer, statusCode with message, the form "
            "with errorName and isRetryable, a bare JSON string, plain text, HTML, or empty."
        },
    )
    vary: bool = field(
        default=False,
        metadata={
            "help": "Go through all shapes of GET, POST, date and key in turn, whatever the switches say."
        },
    )

    def at(self, number: int) -> Shapes:
        """The shapes of the answer to request `number`: these, or with `vary` the next mixture."""
        return _MIXTURES[number % len(_MIXTURES)] if self.vary else self


def _mixtures() -> list[Shapes]:
    """All 120 mixtures of the shapes that `vary` goes through, each once."""
    gets = get_args(GetShape)
    posts: tuple[PostShape, ...] = ("object", "wrapper", "pascal_array")
    keys, dates = get_args(DateKey), get_args(DateForm)
    plain = Shapes()
    return [
        replace(plain, get=gets[n % 4], post=posts[n % 3], date=dates[n % 5], date_key=keys[n // 4 % 2])
        for n in range(120)
    ]


_MIXTURES = _mixtures()
