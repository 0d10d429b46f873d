"""A browser without a window, also as a program: ``sign_in_browser.py CA.pem URL``. It follows redirects and
sends the form that ``response_mode=form_post`` answers with. It needs nothing but the standard library.
"""

from __future__ import annotations

import html
import re
import ssl
import sys
import urllib.request
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

__all__ = ["browse"]

_FORM: Final = re.compile(r'<form method="post" action="([^"]*)">')
_FIELD: Final = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
_SECONDS: Final = 20


def browse(ca_bundle: Path, url: str) -> str:
    """The last page that a person sees. Raises OSError when there is none, and for an error page."""
    trust = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(ca_bundle)))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), trust)
    with opener.open(url, timeout=_SECONDS) as page:
        text: str = page.read().decode("utf-8")
    form = _FORM.search(text)
    if form is None:
        return text
    fields = {name: html.unescape(value) for name, value in _FIELD.findall(text)}
    with opener.open(html.unescape(form[1]), urlencode(fields).encode("ascii"), timeout=_SECONDS) as page:
        return str(page.read().decode("utf-8"))


if __name__ == "__main__":
    browse(Path(sys.argv[1]), sys.argv[2])
