"""Every documented answer becomes the error that says what to do about it."""

from __future__ import annotations

import json

import pytest
from vendors_rig import Rig, answer

from cloudscaling import errors
from cloudscaling.vendors._http import Reply
from cloudscaling.vendors._redact import Redactor
from cloudscaling.vendors.huawei import errors as codes

CLASSES = {
    errors.Busy: "0034 2047 2054 3038 4015 4038 2033",
    errors.InUse: "2021 1006",
    errors.NoOp: "2028 4023 7029 4030",
    errors.Bounds: "2004 2005 2010 2035 2036 2045 2051 2052 0050 4039",
    errors.BatchTooLarge: "4043 4022 4026 1039",
    errors.QuotaExceeded: "2023 1024 3032 2037 7028 7038 7045 7111 7112 7113 7114 7115 7118",
    errors.InsufficientCapacity: "2038 2043 2044 7019 1037 1077 1078 1079 1080",
    errors.AccountSuspended: "8004",
    errors.DependencyNotReady: "7003 7012 7051 7078 7079",
    errors.AuthenticationFailed: "0005 0006 0008 0011 0012 0013",
    errors.PermissionDenied: "0031",
    errors.Transient: "0001 0049 1084",
    errors.Rejected: "0002 0022 1001 2006 2030 3010 3034 9999",
}
CASES = [(kind, f"AS.{number}") for kind, numbers in CLASSES.items() for number in numbers.split()]


def translate(
    status: int, body: object, *, own: frozenset[str] = codes.NOTHING, write: bool = False
) -> errors.CloudError | None:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return codes.refusal(Reply(status, raw, None, write), own, Redactor(["known-secret"]))


def service(code: str, message: str = "text") -> dict[str, object]:
    return {"error": {"code": code, "message": message}}


def gateway(code: str, message: str = "text") -> dict[str, object]:
    return {"error_code": code, "error_msg": message, "request_id": "r"}


@pytest.mark.parametrize(("kind", "code"), CASES, ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("shape", [service, gateway])
@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
def test_a_code_decides_in_both_shapes(kind: type, code: str, shape: object, write: bool) -> None:
    """Nearly everything is HTTP 400, so the status says nothing."""
    found = translate(400, shape(code), write=write)  # type: ignore[operator]
    assert type(found) is kind
    assert found.code == code
    assert found.message == "text"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "APIG.0301", errors.AuthenticationFailed),
        (401, "APIGW.0301", errors.AuthenticationFailed),
        (403, "APIG.0302", errors.PermissionDenied),
        (401, "APIG.0307", errors.AuthenticationFailed),
        (429, "APIG.0308", errors.Throttled),
        (400, "APIG.0308", errors.Throttled),
        (404, "APIG.0101", errors.Rejected),
        (401, "IAM.0000", errors.AuthenticationFailed),
        (403, "IAM.0001", errors.PermissionDenied),
    ],
)
def test_codes_of_gateway_and_identity_service_are_known_too(status: int, code: str, kind: type) -> None:
    """An unknown code of theirs leaves the decision to the status."""
    assert type(translate(status, gateway(code))) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.Rejected),
        (401, errors.AuthenticationFailed),
        (403, errors.PermissionDenied),
        (404, errors.Rejected),
        (408, errors.Transient),
        (409, errors.Rejected),
        (429, errors.Throttled),
        (500, errors.Transient),
        (502, errors.Transient),
        (302, errors.Rejected),
    ],
)
@pytest.mark.parametrize("body", ["", "<html>", "[]", '"text"', '{"error": "text"}', '{"error": {"code": 401}}'])
def test_without_a_code_the_status_decides(status: int, kind: type, body: str) -> None:
    """A bare 404 is never taken for a missing object."""
    found = translate(status, body)
    assert type(found) is kind
    assert str(status) in found.message


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_fault_leaves_a_write_in_doubt(status: int) -> None:
    """Only a documented code that says "before the work" makes it certain that nothing was done."""
    for body in ("", "<html>", service("AS.0001"), service("AS.9999"), gateway("APIG.0201")):
        assert type(translate(status, body, write=True)) is errors.OutcomeUnknown
    for code, kind in (("AS.0049", errors.Transient), ("AS.2047", errors.Busy), ("AS.7003", errors.DependencyNotReady)):
        assert type(translate(status, service(code), write=True)) is kind


@pytest.mark.parametrize(
    ("code", "own"),
    [
        ("AS.2007", codes.GROUP),
        ("AS.4005", codes.GROUP_OF_INSTANCES),
        ("AS.4006", codes.INSTANCE),
        ("AS.1004", codes.CONFIGURATION),
        ("AS.3020", codes.POLICY),
    ],
)
def test_only_the_own_object_can_be_gone(code: str, own: frozenset[str]) -> None:
    """The same code about a reference is something to wait for."""
    assert type(translate(400, service(code), own=own)) is errors.NotFound
    assert type(translate(400, service(code))) is errors.DependencyNotReady


def test_a_missing_path_is_no_missing_group() -> None:
    """AS.0007 stands for any resource of the URL; a wrong endpoint must not look like an empty cloud."""
    assert type(translate(404, service("AS.0007"), own=codes.GROUP)) is errors.Rejected
    assert type(translate(404, service("AS.0007"), own=codes.POLICY)) is errors.NotFound


def test_success_is_no_error() -> None:
    """300 is the answer of a list of API versions; it is nothing for a write."""
    assert translate(200, "") is None
    assert translate(204, "") is None
    assert translate(300, "") is None
    assert type(translate(300, "", write=True)) is errors.Rejected


def test_a_message_is_redacted_and_cut() -> None:
    """It goes into conditions and Events."""
    found = translate(400, service("AS.2022", "known-secret\n" + "x" * 5000))
    assert found is not None
    assert found.message.startswith("*** xxx")
    assert len(found.message) == 512


async def test_a_pause_that_is_asked_for_reaches_the_error() -> None:
    """Seconds in Retry-After."""
    rig = Rig({"GET /autoscaling-api/v1/P/scaling_group": answer(gateway("APIG.0308"), 429, **{"Retry-After": "3"})})
    with pytest.raises(errors.Throttled) as slowed:
        await rig.cloud.groups.list()
    assert slowed.value.retry_after == 3.0
