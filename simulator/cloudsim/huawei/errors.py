"""AS error codes -> HTTP status, and the two shapes of an error body. Raised by handlers, answered by cloud.

Vendor document: appendix A.2 (codes, shape 2), chapter "returned results" (shape 1, used by the gateway).
"""

from __future__ import annotations

from cloudsim.huawei.messages import MESSAGES
from cloudsim.vendor import Response


class ApiError(Exception):
    """A request is refused with an AS code; nothing was changed."""

    def __init__(self, code: str, detail: str = "") -> None:
        """Refuse with `AS.<code>`."""
        super().__init__(f"AS.{code} {detail}")
        self.code = code
        self.detail = detail


class GatewayError(Exception):
    """The gateway in front of the service refuses; the service never sees the request."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Refuse with a gateway code."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


# Every code that is not named here is HTTP 400; none uses 409 or 429.
STATUS = {"0001": 500, "0049": 500, "0005": 401, "0006": 401, "0007": 404, "0033": 404}
STATUS.update({"0011": 403, "0012": 403, "0013": 403})


def text(code: str, detail: str = "") -> str:
    """Return the text of a code, with what it is about."""
    base = MESSAGES.get(code, "refused")
    return f"{base}: {detail}" if detail else base


def answer(error: ApiError) -> Response:
    """Return the service's error body (shape 2)."""
    return service_answer(STATUS.get(error.code, 400), f"AS.{error.code}", text(error.code, error.detail))


def service_answer(status: int, code: str, message: str) -> Response:
    """Return an error of the service in shape 2, with any status and code."""
    return Response(status, {"error": {"code": code, "message": message}})


def gateway_answer(error: GatewayError, request_id: str) -> Response:
    """Return the gateway's error body (shape 1)."""
    content = {"error_msg": error.message, "error_code": error.code, "request_id": request_id}
    return Response(error.status, content)
