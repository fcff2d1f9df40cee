"""The Huawei-family cloud behind the Vendor seam: gateway, service and time. Called by serve, admin and tests."""

from __future__ import annotations

import copy
import heapq
import json
from typing import Any
from urllib.parse import parse_qsl

from pydantic import TypeAdapter

from cloudsim import bodies
from cloudsim.accounts import Accounts
from cloudsim.clock import Clock
from cloudsim.faults import Fault, FaultBook, Kind
from cloudsim.huawei import auth, console, describe, errors, events, iam, policy_runs, routes, tokens
from cloudsim.huawei.errors import ApiError, GatewayError
from cloudsim.huawei.rules import Rules
from cloudsim.huawei.scene import Call, Scene
from cloudsim.huawei.state import State, Tenant
from cloudsim.ids import Ids, stable_hex
from cloudsim.vendor import JsonObject, Request, Response

_STATE: TypeAdapter[State] = TypeAdapter(State)
NO_SUCH_API = GatewayError(404, "APIG.0101", "The API does not exist or has not been published")
THROTTLED = GatewayError(429, "APIG.0308", "The throttling threshold has been reached")


class HuaweiCloud:
    """One cloud of the family; all state is in `state`, time comes in with each call."""

    def __init__(self, rules: Rules, accounts: Accounts, ids: Ids, faults: FaultBook, clock: Clock) -> None:
        """Start empty."""
        self.name = rules.profile.name
        self.rules = rules
        self.accounts = accounts
        self.state = State()
        self._ids = ids
        self._faults = faults
        self._clock = clock
        self._requests = 0
        self._router = routes.Router(routes.withheld(rules))

    def scene(self, project_id: str, now: float, state: State | None = None, account: str = "") -> Scene:
        """Return one project's part of the state."""
        state = state or self.state
        tenant = state.tenants.get(project_id)
        if tenant is None:
            tenant = state.tenants[project_id] = Tenant()
        return Scene(state, tenant, project_id, now, self.rules, self._ids, self._faults, account)

    def operations(self) -> frozenset[str]:
        """Return the ids of the operations that this cloud serves."""
        return frozenset(routes.OPERATIONS) - routes.withheld(self.rules)

    def identify(self, request: Request) -> str:
        """Return the operation id, or an empty string for an unknown path."""
        found = self._router.find(request.method, request.raw_path)
        return found[0].id if found else ""

    def handle(self, request: Request, now: float, real_now: float, snapshot: Any = None) -> Response:
        """Authenticate and run one request; with a snapshot, answer a read from that older state."""
        self._requests += 1
        request_id = stable_hex("request", str(real_now), str(self._requests))
        try:
            response = self._handle(request, now, real_now, snapshot)
        except ApiError as error:
            response = errors.answer(error)
        except GatewayError as error:
            response = errors.gateway_answer(error, request_id)
        return Response(response.status, response.content, {"X-Request-Id": request_id, **response.headers})

    def _handle(self, request: Request, now: float, real_now: float, snapshot: Any) -> Response:
        discovered = iam.discover(request, self.rules, _base_url(request))
        if discovered is not None:
            return discovered
        found = self._router.find(request.method, request.raw_path)
        if found is None:
            raise NO_SUCH_API
        operation, path = found
        query = dict(parse_qsl(request.raw_query, keep_blank_values=True))
        if operation.id in routes.IDENTITY:
            return self._identity(operation.id, request, query, real_now)
        caller = self._caller(operation.id, request, real_now)
        if "project_id" in path:
            auth.check_project(caller, path["project_id"])
        body = _body(request) if operation.takes_body else {}
        project = path.get("project_id", "")
        state = snapshot if snapshot is not None and request.method == "GET" else None
        scene = self.scene(project, now, state, caller.account)
        return _run(operation, Call(path, query, body, _base_url(request)), scene)

    def _caller(self, operation: str, request: Request, real_now: float) -> auth.Caller:
        open_to_all = operation in ("ListApiVersions", "ShowApiVersion")
        if open_to_all and not self.rules.flag("versions-need-auth"):
            return auth.Caller("", ())
        return auth.identify(request, self.accounts, self.state, real_now)

    def _identity(self, operation: str, request: Request, query: dict[str, str], real_now: float) -> Response:
        base_url = _base_url(request)
        if operation == "KeystoneCreateUserTokenByPassword":
            return tokens.create(request, self.accounts, self.state, self._ids, real_now, base_url)
        try:
            caller = auth.identify(request, self.accounts, self.state, real_now)
        except ApiError:
            return iam.refusal(401, "Unauthorized", "the request you have made requires authentication")
        if operation == "KeystoneValidateToken":
            return tokens.show(request, caller, self.accounts, self.state, real_now, base_url)
        if operation == "KeystoneShowCatalog":
            return tokens.show_catalog(request, caller, self.accounts, base_url)
        if operation == "KeystoneListAuthDomains":
            return iam.list_domains(caller, base_url)
        return iam.list_projects(caller, self.accounts, query, base_url)

    def call(
        self,
        operation: str,
        path: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
        body: Any = None,
        account: str | None = None,
    ) -> tuple[int, Any]:
        """Run an operation without HTTP, signature or counting; the project defaults to the account's first."""
        found = routes.OPERATIONS.get(operation)
        if found is None or found.handler is None or operation in routes.withheld(self.rules):
            raise ValueError(f"no operation {operation!r}")
        for part in found.parameters - {"project_id", *(path or {})}:
            raise ValueError(f"path.{part}: is missing, {operation} needs it")
        now = self._clock.now()
        self.advance(now)
        name = account or self.accounts.names()[0]
        project = (path or {}).get("project_id") or self.accounts.projects_of(name)[0].id
        asked = {key: str(value) for key, value in (query or {}).items() if value is not None}
        # A round trip keeps the caller's objects and the stored ones apart.
        sent = {} if body is None else json.loads(json.dumps(body))
        try:
            if body is None and found.takes_body:
                raise ApiError("0002")
            call = Call({**(path or {}), "project_id": project}, asked, sent, "http://cloudsim")
            response = _run(found, call, self.scene(project, now, account=name))
        except ApiError as error:
            response = errors.answer(error)
        return response.status, copy.deepcopy(response.content)

    def console(self, operation: str, arguments: JsonObject, now: float) -> Response:
        """Run an operation, or one of the console's own, as the owner would by hand."""
        account = arguments.get("account") or self.accounts.names()[0]
        if operation in console.ACTIONS:
            projects = self.accounts.projects_of(account)
            project = arguments.get("project_id") or projects[0].id
            try:
                body = arguments.get("body") or {}
                bodies.mapping(bodies.anything)("body", body)
                done = console.ACTIONS[operation](self.scene(project, now), body)
            except ApiError as error:
                return errors.answer(error)
            except KeyError as error:
                return Response(400, {"error": f"body.{error.args[0]}: is missing, {operation} needs it"})
            except (TypeError, ValueError) as error:
                return Response(400, {"error": f"wrong body: {error}"})
            return Response(200, done)
        try:
            status, content = self.call(
                operation,
                arguments.get("path"),
                arguments.get("query"),
                arguments.get("body"),
                account,
            )
        except ValueError as error:
            known = sorted([*console.ACTIONS, *routes.OPERATIONS])
            return Response(400, {"error": str(error), "operations": known})
        return Response(status, content)

    def refuse(self, fault: Fault) -> Response:
        """Return the faulty answer: throttling and APIG codes in the gateway's shape, others in the service's."""
        request_id = stable_hex(fault.id, str(fault.hits))
        headers = {"X-Request-Id": request_id}
        if fault.retry_after is not None:
            headers["Retry-After"] = str(fault.retry_after)
        if fault.kind is Kind.THROTTLE:
            answer = errors.gateway_answer(THROTTLED, request_id)
        elif fault.code.startswith("APIG"):
            error = GatewayError(fault.status, fault.code, fault.message or "refused by a fault")
            answer = errors.gateway_answer(error, request_id)
        else:
            code = fault.code or "AS.0001"
            text = fault.message or errors.text(code.removeprefix("AS."))
            answer = errors.service_answer(fault.status, code, text)
        return Response(answer.status, answer.content, headers)

    def shorten(self, response: Response, fault: Fault) -> Response:
        """Drop half of the rows of a list answer, or all; the total stays unless the fault names one."""
        if not isinstance(response.content, dict):
            return response
        content = dict(response.content)
        for key, rows in content.items():
            if isinstance(rows, list):
                content[key] = [] if fault.kind is Kind.EMPTY_PAGE else rows[: len(rows) // 2]
        if fault.total is not None and "total_number" in content:
            content["total_number"] = fault.total
        return Response(response.status, content, response.headers)

    def advance(self, to: float) -> bool:
        """Run everything that is due until then, in order of time."""
        due = self.state.due
        moved = False
        while due and due[0][0] <= to:
            at, _, kind, project, target, extra = heapq.heappop(due)
            events.EVENTS[kind](self.scene(project, at), target, extra)
            moved = True
        return moved

    def fire_alarm(self, policy: str, arguments: JsonObject, now: float) -> Response:
        """Trigger an alarm policy as the monitoring service would; `value` picks an interval."""
        for project, tenant in self.state.tenants.items():
            if policy in tenant.policies:
                scene, found = self.scene(project, now), tenant.policies[policy]
                refused = policy_runs.try_run(scene, found, "ALARM", arguments.get("value"))
                code = f"AS.{refused.code}" if refused else None
                return Response(200, {"accepted": refused is None, "code": code})
        return errors.answer(ApiError("3020", policy))

    def seed(self, document: JsonObject, now: float) -> JsonObject:
        """Add references, servers, configurations, groups and policies; a wrong one is a ValueError."""
        console.check_seed(document, f"{self.name}.")
        account = document.get("account") or self.accounts.names()[0]
        bodies.one_of(self.accounts.names(), "one that exists")(f"{self.name}.account", account)
        project = document.get("project_id") or self.accounts.projects_of(account)[0].id
        bodies.one_of(self.accounts.projects, "one that exists")(f"{self.name}.project_id", project)
        try:
            return console.seed(self.scene(project, now), document)
        except (ApiError, KeyError, TypeError) as error:
            raise ValueError(f"{self.name}: {error}") from error

    def apply_fault(self, fault: Fault, now: float) -> bool:
        """Break a member at once; everything else waits for its occasion."""
        if fault.kind is not Kind.INSTANCE_UNHEALTHY:
            return False
        for project in list(self.state.tenants):
            console.break_members(self.scene(project, now), fault.target, fault.left)
        return True

    def describe(self) -> JsonObject:
        """Return the state with the vendor's own field names."""
        projects = {p.id: describe.tenant(self.scene(p.id, 0.0)) for p in self.accounts.projects.values()}
        return {"projects": projects}

    def dump(self) -> Any:
        """Return the state as plain JSON values."""
        return _STATE.dump_python(self.state, mode="json")

    def load(self, document: Any) -> None:
        """Replace the state by what `dump` returned."""
        self.state = _STATE.validate_python(document)
        heapq.heapify(self.state.due)

    def snapshot(self) -> Any:
        """Return a copy of the state that later changes do not touch."""
        # Through plain values: several times faster than copying the objects.
        return _STATE.validate_python(_STATE.dump_python(self.state))

    def reset(self) -> None:
        """Forget everything but the accounts."""
        self.state = State()


def _run(operation: routes.Operation, call: Call, scene: Scene) -> Response:
    assert operation.handler is not None  # noqa: S101  # identity operations never come here
    content = operation.handler(scene, call)
    return Response(204) if content is None else Response(200, content)


def _body(request: Request) -> JsonObject:
    if not request.body.strip():
        raise ApiError("0002")
    try:
        document = json.loads(request.body)
    except ValueError:
        raise ApiError("0022", "not JSON") from None
    if document is None:
        raise ApiError("0002")
    if not isinstance(document, dict):
        raise ApiError("0022", "an object is expected")
    return document


def _base_url(request: Request) -> str:
    return f"http://{request.headers.get('host', 'localhost')}"
