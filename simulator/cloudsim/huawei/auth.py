"""Who is calling, and whether the project in the path is theirs. Vendor document: 3.2, AS.0005-0008."""

from __future__ import annotations

from dataclasses import dataclass

from cloudsim.accounts import Accounts
from cloudsim.huawei import signature
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.state import State, Token
from cloudsim.vendor import Request


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller and the projects that are theirs."""

    account: str
    projects: tuple[str, ...]


def identify(request: Request, accounts: Accounts, state: State, real_now: float) -> Caller:
    """Return who signed the request or whose token it carries, or refuse."""
    if request.headers.get("authorization", "").startswith(signature.ALGORITHM):
        key = signature.verify(request, accounts.keys, real_now)
        return of_account(accounts, key.account)
    text = request.headers.get("x-auth-token")
    if not text:
        raise ApiError("0005")
    token = valid(state, text, real_now)
    if token is None:
        raise ApiError("0006")
    return Caller(token.account, (token.project_id,) if token.project_id else ())


def valid(state: State, text: str, real_now: float) -> Token | None:
    """Return a token that exists and has not expired, or None."""
    token = state.tokens.get(text)
    return token if token is not None and token.expires > real_now else None


def of_account(accounts: Accounts, name: str) -> Caller:
    """Return the owner of an account."""
    return Caller(name, tuple(p.id for p in accounts.projects_of(name)))


def check_project(caller: Caller, project_id: str) -> None:
    """Refuse a project that is not the caller's (AS.0008, HTTP 400)."""
    if project_id not in caller.projects:
        raise ApiError("0008", project_id)
