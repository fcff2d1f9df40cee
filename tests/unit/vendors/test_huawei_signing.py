"""The signature, built a second time from the written steps."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

from cloudscaling.ports import Credentials
from cloudscaling.vendors.huawei.signing import sign

KEY = Credentials(access_key_id="AKEXAMPLE", secret_access_key="secret")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEADERS = {"Host": "as.example.com", "Content-Type": "application/json", "User-Agent": "unsigned"}


def expected(canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"SDK-HMAC-SHA256\n20260102T030405Z\n{digest}"
    return hmac.new(b"secret", text.encode(), hashlib.sha256).hexdigest()


def test_a_read_is_signed_with_sorted_query_and_closing_slash() -> None:
    """Spaces are %20, the tilde stays, an empty value keeps its equals sign."""
    url = "https://as.example.com/autoscaling-api/v1/p%20q/scaling_group?limit=100&b=~x+y&a="
    added = sign("get", url, HEADERS, b"", KEY, NOW)
    canonical = "\n".join(
        (
            "GET",
            "/autoscaling-api/v1/p%20q/scaling_group/",
            "a=&b=~x%20y&limit=100",
            "content-type:application/json",
            "host:as.example.com",
            "x-sdk-date:20260102T030405Z",
            "",
            "content-type;host;x-sdk-date",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        )
    )
    assert added == {
        "X-Sdk-Date": "20260102T030405Z",
        "Authorization": "SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=content-type;host;x-sdk-date, "
        f"Signature={expected(canonical)}",
    }


def test_a_temporary_key_signs_its_token_and_the_project() -> None:
    """Body, token and project are all part of what is signed."""
    key = Credentials(access_key_id="AK", secret_access_key="secret", security_token="day")
    added = sign("POST", "https://h/", {"Host": "h", "X-Project-Id": "p"}, b'{"a":1}', key, NOW)
    body = hashlib.sha256(b'{"a":1}').hexdigest()
    canonical = (
        "POST\n/\n\nhost:h\nx-project-id:p\nx-sdk-date:20260102T030405Z\nx-security-token:day\n\n"
        f"host;x-project-id;x-sdk-date;x-security-token\n{body}"
    )
    assert added["X-Security-Token"] == "day"
    assert added["Authorization"].endswith(f"Signature={expected(canonical)}")


def test_the_date_is_utc_whatever_the_clock_s_zone() -> None:
    """03:04 UTC is 11:04 in China."""
    there = NOW.astimezone(timezone(timedelta(hours=8)))
    assert sign("GET", "https://h/", {"Host": "h"}, b"", KEY, there) == sign(
        "GET", "https://h/", {"Host": "h"}, b"", KEY, NOW
    )


def test_secrets_are_not_among_the_headers() -> None:
    """Only what is derived from them."""
    assert "secret" not in str(sign("GET", "https://h/", {"Host": "h"}, b"", KEY, NOW))
