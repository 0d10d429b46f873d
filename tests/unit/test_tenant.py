"""The partner's tenant as it may be written, for it is a part of what makes two wishes the same."""

from __future__ import annotations

import base64
import json

import pytest

from batchqual.errors import UsageError
from batchqual.settings import load_settings
from batchqual.target import target_of

TENANT = "00000000-0000-4000-8000-00000000aaaa"


def token(tenant: str) -> str:
    """What an access token looks like, unsigned."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in ({}, {"tid": tenant})]
    return ".".join([*parts, ""])


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(TENANT, id="as it is"),
        pytest.param(TENANT.upper(), id="in capitals"),
        pytest.param(f"{{{TENANT}}}", id="in braces"),
        pytest.param(f"urn:uuid:{TENANT}", id="as a URN"),
        pytest.param(f" {TENANT} ", id="between blanks"),
    ],
)
@pytest.mark.parametrize("claimed", [TENANT, TENANT.upper()], ids=["plain claim", "claim in capitals"])
def test_however_it_is_written_it_is_the_tenant_of_the_token(written: str, claimed: str) -> None:
    """Setting and token agree, and the partner has one name."""
    environ = {"BATCHQUAL_TENANT_ID": written, "BATCHQUAL_ACCESS_TOKEN": token(claimed)}
    assert TENANT == target_of(load_settings({}, environ=environ)).partner


def test_a_domain_is_no_tenant() -> None:
    """It would make a second partner of the first: refused with a sentence that says what to copy."""
    with pytest.raises(UsageError, match="not a tenant GUID") as caught:
        load_settings({}, environ={"BATCHQUAL_TENANT_ID": "contoso.onmicrosoft.example"})
    assert 2 == caught.value.exit_code
    assert "BATCHQUAL_TENANT_ID" in caught.value.message
