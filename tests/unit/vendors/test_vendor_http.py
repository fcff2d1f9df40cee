"""The sending of requests: what counts as sent, what an answer is worth, who hears of it."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta

import httpx
import pytest
from pydantic import BaseModel
from vendors_rig import KEY, NOW, FixedClock, OpenGate, Rig, answer

from cloudscaling import errors
from cloudscaling.ports import AccountConfig
from cloudscaling.vendors import _http
from cloudscaling.vendors._redact import Redactor

GROUPS = "/autoscaling-api/v1/P/scaling_group"
REQUEST = httpx.Request("GET", "https://as.example.com")
BEFORE = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.PoolTimeout("full"),
    httpx.ProxyError("no"),
    httpx.UnsupportedProtocol("ftp"),
    httpx.LocalProtocolError("illegal header value"),
    httpx.InvalidURL("odd"),
]
AFTER = [
    httpx.ReadTimeout("slow"),
    httpx.WriteTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.CloseError("reset"),
    httpx.RemoteProtocolError("closed in the middle"),
    httpx.DecodingError("bad gzip"),
    TimeoutError(),
]


def name(failure: Exception) -> str:
    return type(failure).__name__


@pytest.mark.parametrize("failure", BEFORE, ids=name)
async def test_what_never_left_was_not_done(failure: Exception) -> None:
    """Neither a read nor a write."""
    rig = Rig({f"GET {GROUPS}": failure, f"PUT {GROUPS}/g": failure})
    with pytest.raises(errors.Transient):
        await rig.cloud.groups.list()
    with pytest.raises(errors.Transient, match="not sent"):
        await rig.cloud.groups.set_capacity("g", 0, "token")


@pytest.mark.parametrize("failure", AFTER, ids=name)
async def test_what_left_may_have_been_done(failure: Exception) -> None:
    """A write then has an unknown outcome; a read is tried again."""
    rig = Rig({f"GET {GROUPS}": failure, f"PUT {GROUPS}/g": failure})
    with pytest.raises(errors.Transient):
        await rig.cloud.groups.list()
    with pytest.raises(errors.OutcomeUnknown):
        await rig.cloud.groups.set_capacity("g", 0, "token")


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "{}", "<html>busy</html>", '{"total_number": 1, "scaling_groups": [{"scaling_gr', "{'a': 1}"],
)
async def test_an_answer_that_makes_no_sense_is_no_empty_list(body: str) -> None:
    """Status 200 proves nothing."""
    rig = Rig({f"GET {GROUPS}": answer(body)})
    with pytest.raises(errors.Transient):
        await rig.cloud.groups.list()


async def test_a_negative_count_is_a_damaged_answer() -> None:
    """Some clouds say -1 when they do not know; that is not small."""
    row = {
        "scaling_group_id": "g",
        "scaling_group_name": "n",
        "scaling_group_status": "INSERVICE",
        "current_instance_number": -1,
        "desire_instance_number": 1,
        "min_instance_number": 0,
        "max_instance_number": 1,
        "is_scaling": False,
    }
    rig = Rig({f"GET {GROUPS}/g": answer({"scaling_group": row})})
    with pytest.raises(errors.Transient, match="current_instance_number"):
        await rig.cloud.groups.get("g")


@pytest.mark.parametrize("body", ["", "{}", '{"scaling_group_id": ""}', '{"scaling_group_id": null}', "oops"])
async def test_a_create_without_an_id_has_an_unknown_outcome(body: str) -> None:
    """Something was made, but what?"""
    from cloudscaling.core.model import NewGroup

    rig = Rig({f"POST {GROUPS}": answer(body)})
    with pytest.raises(errors.OutcomeUnknown):
        await rig.cloud.groups.create(NewGroup({"externalName": "n"}, 0, ""), "token")


async def test_a_redirect_is_not_followed_and_no_success() -> None:
    """A captive portal must not swallow a write."""
    rig = Rig({f"PUT {GROUPS}/g": answer("", 302, Location="https://portal.example.com")})
    with pytest.raises(errors.Rejected):
        await rig.cloud.groups.set_capacity("g", 0, "token")
    assert len(rig.requests) == 1


async def test_the_whole_request_is_limited_not_only_its_phases() -> None:
    """Bytes that trickle in would keep every single phase within its limit."""

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

    config = AccountConfig("Huawei", "r", KEY, request_timeout_s=0.01)
    exchange = _http.Exchange(config, OpenGate(), FixedClock(), Redactor(), Slow())
    for write, kind in ((False, errors.Transient), (True, errors.OutcomeUnknown)):
        with pytest.raises(kind):
            await exchange.send("X", lambda _: REQUEST, write=write, refusal=lambda _: None, read=_http.ignore)


async def test_a_cancelled_write_leaves_the_gate_with_an_unknown_outcome() -> None:
    """The task ends, the gate's books stay right."""
    entered = asyncio.Event()

    class Stuck(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            entered.set()
            await asyncio.Event().wait()
            raise AssertionError

    gate = OpenGate()
    exchange = _http.Exchange(AccountConfig("Huawei", "r", KEY), gate, FixedClock(), Redactor(), Stuck())
    task = asyncio.create_task(
        exchange.send("X", lambda _: REQUEST, write=True, refusal=lambda _: None, read=_http.ignore)
    )
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert isinstance(gate.left[0][1], errors.OutcomeUnknown)


async def test_the_gate_hears_the_translated_error() -> None:
    """Throttling opens the circuit there; a failure to understand counts too."""
    rig = Rig({f"GET {GROUPS}": [answer("", 429), answer("{}"), answer({"total_number": 0, "scaling_groups": []})]})
    for kind in (errors.Throttled, errors.Transient):
        with pytest.raises(kind) as raised:
            await rig.cloud.groups.list()
        assert rig.gate.left[-1] == ("ListScalingGroups", raised.value)
    assert await rig.cloud.groups.list() == ()
    assert rig.gate.left[-1] == ("ListScalingGroups", None)


async def test_a_signature_is_made_after_the_gate_opened() -> None:
    """A request may wait longer for the gate than a signature lives."""
    rig = Rig({f"GET {GROUPS}": answer({"total_number": 0, "scaling_groups": []})})

    async def slow(operation: str, *, write: bool) -> None:
        rig.clock.advance(hours=1)

    rig.gate.enter = slow  # type: ignore[method-assign]  # a gate with a queue
    await rig.cloud.groups.list()
    assert rig.requests[0].headers["X-Sdk-Date"] == (NOW + timedelta(hours=1)).strftime("%Y%m%dT%H%M%SZ")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Fri, 02 Jan 2026 03:05:05 GMT", 60.0),
        ("Fri, 02 Jan 2026 03:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    """Nothing else, and never negative."""
    assert _http.retry_after_s(header, NOW) == seconds


async def test_an_account_s_ca_is_trusted_beside_the_usual_ones() -> None:
    """Added, not put in place of them; the environment's proxies count."""
    client = _http.make_client(AccountConfig("Huawei", "r", KEY, request_timeout_s=9.0))
    assert client.timeout == httpx.Timeout(9.0, connect=4.5, pool=4.5)
    assert client.trust_env
    assert not client.follow_redirects
    await client.aclose()
    usual = _http._trust("").cert_store_stats()["x509_ca"]
    assert usual > 0
    with pytest.raises(ssl.SSLError):
        _http._trust("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")


def test_a_decoder_tells_the_place_and_never_the_value() -> None:
    """A damaged answer may hold secrets."""

    class Shape(BaseModel):
        number: int

    read = _http.decoder(Shape)
    with pytest.raises(errors.Transient, match="number") as failed:
        read(answer({"number": "a-secret-value"}))
    assert "a-secret-value" not in str(failed.value)
    assert failed.value.__cause__ is None
