"""The signature, against vectors that were computed outside the product."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from cloudsim.accounts import AccessKey
from cloudsim.huawei import signature
from cloudsim.huawei.errors import GatewayError
from cloudsim.vendor import Request

AT = 1_700_000_000.0  # 2023-11-14T22:13:20Z
DATE = "20231114T221320Z"
KEYS = {"AK": AccessKey("AK", "SK"), "TMP": AccessKey("TMP", "SK", token="token")}
EMPTY_SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def signed(request: Request, names: str, canonical: str, access: str = "AK", secret: str = "SK") -> Request:
    """Sign a canonical request that the test wrote out by hand."""
    text = f"SDK-HMAC-SHA256\n{DATE}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    value = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
    header = f"SDK-HMAC-SHA256 Access={access}, SignedHeaders={names}, Signature={value}"
    return replace(request, headers={**request.headers, "authorization": header})


def plain(**headers: str) -> Request:
    """Return a request with a query that needs sorting and a path that needs encoding."""
    return Request(
        "GET",
        "/v1/a%20b/urn:smn:x",
        "z=1&name=g%201&a=%2B",
        {"host": "as.example:9001", "x-sdk-date": DATE, **headers},
    )


CANONICAL = (
    "GET\n/v1/a%20b/urn%3Asmn%3Ax/\na=%2B&name=g%201&z=1\n"
    f"host:as.example:9001\nx-sdk-date:{DATE}\n\nhost;x-sdk-date\n{EMPTY_SHA}"
)


def test_fixed_vector_is_accepted() -> None:
    """The canonical request and its signature are constants."""
    request = plain()
    assert signature.canonical(request, ["host", "x-sdk-date"]) == CANONICAL
    assert signature.sign("SK", request, ["host", "x-sdk-date"]) == (
        "5a5d0e8c3a0d8b90da77b8bc5408d65ef240043223f786cab5d8960013bc3ed8"
    )
    assert signature.verify(signed(request, "host;x-sdk-date", CANONICAL), KEYS, AT).id == "AK"


def test_body_and_content_type_are_covered() -> None:
    """Another body or another content type breaks the signature."""
    body = b'{"a": 1}'
    request = Request(
        "POST",
        "/v1/x",
        "",
        {"host": "h", "x-sdk-date": DATE, "content-type": "application/json"},
        body,
    )
    canonical = (
        f"POST\n/v1/x/\n\ncontent-type:application/json\nhost:h\nx-sdk-date:{DATE}\n\n"
        f"content-type;host;x-sdk-date\n{hashlib.sha256(body).hexdigest()}"
    )
    good = signed(request, "content-type;host;x-sdk-date", canonical)
    signature.verify(good, KEYS, AT)
    for broken in (
        replace(good, body=b"{}"),
        replace(good, headers={**good.headers, "content-type": "text/plain"}),
        replace(good, raw_path="/v1/y"),
        replace(good, method="PUT"),
        replace(good, raw_query="a=1"),
    ):
        with pytest.raises(GatewayError):
            signature.verify(broken, KEYS, AT)


@pytest.mark.parametrize("shift", [-901, 901])
def test_signature_expires_after_a_quarter_of_an_hour(shift: int) -> None:
    """In both directions, by real time."""
    request = signed(plain(), "host;x-sdk-date", CANONICAL)
    signature.verify(request, KEYS, AT + shift - (1 if shift > 0 else -1))
    with pytest.raises(GatewayError, match="expired"):
        signature.verify(request, KEYS, AT + shift)


def test_temporary_key_needs_its_token() -> None:
    """The token travels in its own header."""
    request = signed(plain(), "host;x-sdk-date", CANONICAL, access="TMP")
    with pytest.raises(GatewayError, match="security token"):
        signature.verify(request, KEYS, AT)
    with_token = replace(request, headers={**request.headers, "x-security-token": "token"})
    assert signature.verify(with_token, KEYS, AT).id == "TMP"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("SDK-HMAC-SHA256 nonsense", "malformed"),
        ("SDK-HMAC-SHA256 Access=NO, SignedHeaders=host;x-sdk-date, Signature=00", "does not exist"),
        ("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=00", "not signed"),
        ("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-other;x-sdk-date, Signature=00", "missing"),
        ("SDK-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date;host, Signature=00", "sorted"),
        ("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=00", "does not match"),
    ],
)
def test_wrong_authorization_is_refused_by_the_gateway(header: str, reason: str) -> None:
    """All are 401 with the gateway's code."""
    with pytest.raises(GatewayError, match=reason) as caught:
        signature.verify(plain(authorization=header), KEYS, AT)
    assert (caught.value.status, caught.value.code) == (401, "APIG.0301")


def test_slash_inside_a_segment_is_signed_as_a_slash() -> None:
    """Clients decode the path before they split it; the request itself keeps the escape."""
    request = Request("GET", "/v1/a%2Fb/urn%3Ax", "", {"host": "h", "x-sdk-date": DATE})
    canonical = f"GET\n/v1/a/b/urn%3Ax/\n\nhost:h\nx-sdk-date:{DATE}\n\nhost;x-sdk-date\n{EMPTY_SHA}"
    assert signature.verify(signed(request, "host;x-sdk-date", canonical), KEYS, AT).id == "AK"


def scoped(scope: str, signing_day: str = "20231114") -> Request:
    """Sign with the key that is derived from a credential's scope, as older clients do."""
    key = b"SDKSK"
    for part in (signing_day, "", "", "sdk_request"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    text = f"SDK-HMAC-SHA256\n{DATE}\n{scope}\n{hashlib.sha256(CANONICAL.encode()).hexdigest()}"
    value = hmac.new(key, text.encode(), "sha256").hexdigest()
    header = f"SDK-HMAC-SHA256 Credential=AK/{scope}, SignedHeaders=host;x-sdk-date, Signature={value}"
    return plain(authorization=header)


def test_credential_with_a_scope_is_accepted() -> None:
    """Region and service may be empty."""
    assert signature.verify(scoped("20231114///sdk_request"), KEYS, AT).id == "AK"


@pytest.mark.parametrize(
    ("scope", "day", "reason"),
    [
        ("20231115///sdk_request", "20231115", "scope"),
        ("20231114//sdk_request", "20231114", "scope"),
        ("20231114///sdk_request", "20231113", "does not match"),
        ("", "20231114", "malformed"),
    ],
)
def test_credential_with_another_scope_is_refused(scope: str, day: str, reason: str) -> None:
    """The scope's day is the signing date's, and the key is derived from it."""
    with pytest.raises(GatewayError, match=reason):
        signature.verify(scoped(scope, day), KEYS, AT)


def test_host_may_be_left_out_of_the_signature() -> None:
    """The date, the project and the type are what one of the official clients signs."""
    request = Request("GET", "/v1/x", "", {"host": "h", "x-sdk-date": DATE, "content-type": "application/json"})
    names = "content-type;x-sdk-date"
    canonical = f"GET\n/v1/x/\n\ncontent-type:application/json\nx-sdk-date:{DATE}\n\n{names}\n{EMPTY_SHA}"
    assert signature.verify(signed(request, names, canonical), KEYS, AT).id == "AK"
