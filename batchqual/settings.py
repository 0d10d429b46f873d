"""Settings of a run: flag over environment over file over default, each knowing where it came from.

Secrets come from the environment alone, so that a settings file can be shared.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)

from .clouds import CLOUDS
from .durations import Threshold
from .errors import UsageError
from .layers import ENV_PREFIX, Layer, from_environment, from_file, remarks_of_environment, settings_file
from .spelling import (
    Duration,
    Encoding,
    Failures,
    Headings,
    Interval,
    OnePath,
    Paths,
    Place,
    Rate,
    Segment,
    Size,
    Tenant,
    Wait,
    Wanted,
)

__all__ = ["REHEARSAL", "Settings", "load_settings"]

REHEARSAL: Mapping[str, object] = {
    "rate": "50",
    "wait": "2m",
    "poll_min": "0.2s",
    "poll_max": "2s",
    "patience": "2s",
}
"""Defaults of `rehearse`, where days of vetting pass in seconds."""

_LEAST_PATIENCE = 30.0


class Settings(BaseModel):
    """Everything a run can be told. Durations are in seconds, rates in requests a second.

    Names are those of the options, with underscores. `origin_of` says where a value came from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    report: Paths = ()
    ledger: OnePath = None
    qualification: Wanted = None
    education_segment: Segment = None
    sheet: str | None = None
    encoding: Encoding = None
    map: Headings = Field(default_factory=dict)
    rate: Rate = 5.0
    concurrency: int = Field(16, ge=1, le=1000)
    wait: Wait = 3600.0
    poll_min: Interval = 30.0
    poll_max: Interval = 3600.0
    patience: Duration = 60.0
    first: int | None = Field(None, ge=0)
    max_failures: Failures = Threshold(share=0.25)
    resubmit_denied: bool = False
    resend_unknown: bool = False
    allow_last_attempt: bool = False
    recheck: Duration = 30 * 86400.0
    api: Literal["asynchronous", "asynchronous-2020", "synchronous"] = "asynchronous"
    base_url: str | None = None
    cloud: Literal["global", "us-government", "china"] = "global"
    auth: Literal["refresh-token", "login", "device-code", "app", "token"] | None = None
    yes: bool = False
    strict: bool = False
    json_output: bool = Field(default=False, alias="json")
    log_format: Literal["text", "json"] = "text"
    verbose: int = Field(0, ge=0, le=3)
    quiet: bool = False
    tenant_id: Tenant = None
    ca_bundle: OnePath = None
    max_file_size: Size = 1 << 30
    max_unpacked_size: Size = 1 << 30
    max_cells: int = Field(24_000_000, ge=1, le=1_000_000_000)
    max_columns: int = Field(2_000, ge=1, le=16_384)
    max_answer_size: Size = 1 << 20
    connect_timeout: Interval = 30.0
    read_timeout: Interval = 60.0
    request_timeout: Interval = 100.0
    access_token: SecretStr | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    client_certificate: Place = Field(None, repr=False)
    client_certificate_password: SecretStr | None = None
    refresh_token: SecretStr | None = None
    authority: str | None = None

    origins: dict[str, str] = Field(default_factory=dict, repr=False)
    _notes: tuple[str, ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if self.poll_min > self.poll_max:
            raise ValueError("--poll-min is longer than --poll-max")
        return self

    def model_post_init(self, context: tuple[str, ...] | None, /) -> None:
        """Keep what the loading had to say."""
        self._notes = context or ()

    @property
    def address(self) -> str:
        """The API's address: ``base_url``, else the cloud's."""
        return self.base_url or CLOUDS[self.cloud].api

    @property
    def segment_required(self) -> bool:
        """Whether Education rows need a segment: only the current contract knows one."""
        return self.api == "asynchronous"

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each variable that looks like a setting and is none."""
        return self._notes

    def origin_of(self, name: str) -> str:
        """Where a value came from: ``--rate``, ``BATCHQUAL_RATE``, ``batchqual.toml``, ``default``."""
        return self.origins.get(name, "default")

    def check_for(self, *, loopback: bool) -> None:
        """Refuse what is only safe against a simulator. Raises UsageError."""
        if loopback:
            return
        if self.rate is None:
            raise UsageError("--rate none is for an address on this machine only.", hint="Give a number.")
        if self.patience < _LEAST_PATIENCE:
            raise UsageError(
                f"--patience {self.patience:g}s is too short for a real service.",
                hint="A read may lag behind a write: give 30s or more.",
            )


def load_settings(
    flags: Mapping[str, object],
    *,
    environ: Mapping[str, str] | None = None,
    defaults: Mapping[str, object] | None = None,
) -> Settings:
    """Settings from flags over environment over file over defaults.

    ``flags`` holds what the user typed, None meaning not typed; ``config`` among them names the file.
    Raises UsageError, naming the place of each wrong value.
    """
    environ = os.environ if environ is None else environ
    known = _names()
    variables = from_environment(environ, known)
    path, remark = settings_file(flags.get("config") or environ.get(f"{ENV_PREFIX}CONFIG"))
    merged: dict[str, object] = dict(defaults or {})
    origins = dict.fromkeys(merged, "default")
    for layer in (from_file(path, known) if path else {}, variables, _from_flags(flags)):
        for name, (value, origin) in layer.items():
            merged[name], origins[name] = value, origin
    remarks = [*([remark] if remark else []), *remarks_of_environment(environ, known)]
    try:
        return Settings.model_validate({**merged, "origins": origins}, context=tuple(remarks))
    except ValidationError as error:
        raise UsageError(_in_words(error, origins), hint="See `batchqual run --help`.") from None


def _names() -> dict[str, str]:
    return {field.alias or name: name for name, field in Settings.model_fields.items() if name != "origins"}


def _from_flags(flags: Mapping[str, object]) -> Layer:
    given = {name: value for name, value in flags.items() if value not in (None, (), [])}
    return {name: (given[name], f"--{name.replace('_', '-')}") for name in _names() if name in given}


def _in_words(error: ValidationError, origins: Mapping[str, str]) -> str:
    sentences = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        name = str(item["loc"][0]) if item["loc"] else ""
        place = origins.get(name, name)
        words = item["msg"].removeprefix("Value error, ").removesuffix(".")
        sentences.append(f"{place}: {words}" if place else words)
    return "; ".join(sentences) + "."
