"""The log of a failure that nobody foresaw: for the people who will mend it."""

from __future__ import annotations

import re
import secrets
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from batchqual.machine import log_folder, make_private_file, make_private_folder, system_name
from batchqual.telemetry import redacted

__all__ = ["write_crash_log"]


def write_crash_log(error: BaseException, arguments: Sequence[str]) -> Path | None:
    """Write the traceback, without secrets, to the user's log folder, or else to the one for temporary files.

    Returns where it is; None when it could not be written anywhere.
    """
    now = datetime.now(UTC)
    text = _without_codes(
        f"{now.isoformat()}\nbatchqual {_version()}, Python {sys.version}, {system_name()}\n"
        f"command: {list(arguments)}\n\n{''.join(traceback.format_exception(error))}"
    )
    name = f"crash-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.log"
    for folder in _folders():
        try:
            make_private_folder(folder)
            make_private_file(folder / name)
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return folder / name
    return None


def _without_codes(text: str) -> str:
    """As `redacted`; here ``code`` is rather an authorization code than the name of an error."""
    return _CODE.sub(r"\1[hidden]", redacted(text))


_CODE = re.compile(r"([\"']code[\"']\s*:\s*[\"'])[^\"']+")


def _version() -> str:
    try:
        return version("batchqual")
    except PackageNotFoundError:
        return "that is not installed"


def _folders() -> Iterator[Path]:
    """Those that there are: an account may have no home, and a machine no folder for temporary files."""
    for folder in (log_folder, tempfile.gettempdir):
        with suppress(OSError):
            yield Path(folder())
