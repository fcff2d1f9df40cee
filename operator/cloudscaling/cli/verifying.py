"""`cloudscaling account verify`: what works with an account, found out with reads only. Called by commands.

Permissions are shown as far as reads show them: a right to write shows at the first write.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cloudscaling import errors
from cloudscaling.cli import existing
from cloudscaling.cli.inventory import Progress
from cloudscaling.cli.source import Source
from cloudscaling.cli.translate import GROUP
from cloudscaling.core.account import mismatch
from cloudscaling.core.model import Group, Identity, Json, Quota
from cloudscaling.core.naming import OWNER_TAG
from cloudscaling.ports import Cloud

OK, WARNING, FAILED, SKIPPED = "ok", "warning", "failed", "skipped"
_NEAR = 0.9
_KIND_OF_FAILURE = {
    errors.AuthenticationFailed: "the credentials are refused",
    errors.PermissionDenied: "the credentials may not do this",
    errors.AccountSuspended: "the account is frozen",
    errors.Transient: "the endpoint does not answer",
    errors.Throttled: "the vendor throttles",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    result: str
    detail: str = ""


@dataclass
class Report:
    """What is known of the account in the end."""

    account: str
    vendor: str
    region: str
    endpoint: str
    checks: list[Check] = field(default_factory=list)
    identity: Identity | None = None
    quotas: tuple[Quota, ...] = ()

    @property
    def ok(self) -> bool:
        return all(check.result != FAILED for check in self.checks)

    def document(self) -> dict[str, Json]:
        """The report as YAML or JSON shows it."""
        who = self.identity or Identity()
        return {
            "account": self.account,
            "vendor": self.vendor,
            "region": self.region,
            "endpoint": self.endpoint,
            "ok": self.ok,
            "identity": {"accountId": who.account_id, "projectId": who.project_id, "domainId": who.domain_id},
            "apiVersions": [{"id": name, "status": status} for name, status in who.api_versions],
            "capabilities": sorted(who.capabilities),
            "quotas": [{"name": quota.name, "used": quota.used, "limit": quota.limit} for quota in self.quotas],
            "checks": [{"name": c.name, "result": c.result, "detail": c.detail} for c in self.checks],
        }


@dataclass
class Verifier:
    """Goes on after a failure as long as a further answer can say something."""

    source: Source
    cloud: Cloud
    progress: Progress
    report: Report

    async def run(self) -> Report:
        identity = await self._try("credentials and identity", self.cloud.verify, _identity)
        if identity is None:
            self._add("everything else", SKIPPED, "needs an identity")
            return self.report
        self.report.identity = identity
        account = self.source.account
        other = mismatch(account.status, account.spec.expected_account_id, identity)
        self._add("identity as expected", FAILED if other else OK, other)
        self._versions(identity)
        quotas = await self._try("quotas", self.cloud.quotas, lambda found: f"{len(found)} reported")
        self.report.quotas = quotas or ()
        self.report.checks += _near(self.report.quotas)
        await self._permissions()
        return self.report

    def _versions(self, identity: Identity) -> None:
        shown = ", ".join(f"{name} {status}" for name, status in identity.api_versions)
        self._add("API versions", OK, shown or "the vendor names none")
        self._add("capabilities", OK, ", ".join(sorted(identity.capabilities)) or "none beyond the basic ones")

    async def _permissions(self) -> None:
        """One read of every kind that the operator reads."""
        cloud = self.cloud
        groups = await self._try("read groups", cloud.groups.list, _count)
        await self._try("read launch configurations", cloud.launch_configurations.list, _count)
        await self._try("read policies", cloud.policies.list, _count)
        await self._try("read tags", cloud.groups.tag_keys, lambda keys: f"{len(keys)} keys")
        await self._orphans(groups or ())
        reads: tuple[tuple[str, Callable[[str], Awaitable[Any]]], ...] = (
            ("read instances", cloud.instances.list),
            ("read activities", lambda group_id: cloud.groups.activities(group_id, 1)),
            ("read lifecycle hooks", cloud.hooks.list),
            ("read notifications", cloud.notifications.list),
            ("read scheduled tasks", cloud.scheduled_tasks.list),
            ("read quotas of a group", cloud.groups.quotas),
        )
        for name, read in reads:
            if groups:
                await self._try(name, lambda read=read: read(groups[0].id), _count)  # type: ignore[misc]
            else:
                self._add(name, SKIPPED, "there is no group to read them of")
        self._add("write permissions", SKIPPED, "reads cannot show them")

    async def _orphans(self, groups: Sequence[Group]) -> None:
        """Marked groups that no object stands for: left behind, or another cluster's."""

        async def count() -> str:
            marked = await self.cloud.groups.count_by_tag(OWNER_TAG, None)
            if self.source.cluster is None:
                return f"{marked} found"
            known = await existing.read(self.source.cluster, self.source.account.metadata.namespace)
            here = sum(bool(group.owner_tag and known.owner(GROUP, group.id)) for group in groups)
            return f"{marked} found, {here} of them with an object in this cluster"

        await self._try("groups with an operator's mark", count, str)

    async def _try(self, name: str, call: Callable[[], Awaitable[Any]], say: Callable[[Any], str]) -> Any:
        """The answer, None after a failure, which is a line of the report."""
        self.progress.at(name, len(self.report.checks), len(self.report.checks) + 1)
        try:
            found = await call()
        except (errors.CloudError, errors.ReadUntrusted) as failure:
            head = next((text for kind, text in _KIND_OF_FAILURE.items() if isinstance(failure, kind)), "refused")
            self._add(name, FAILED, f"{head}: {failure}")
            return None
        self._add(name, OK, say(found))
        return found

    def _add(self, name: str, result: str, detail: str = "") -> None:
        self.report.checks.append(Check(name, result, " ".join(detail.split())))


def _identity(identity: Identity) -> str:
    return f"account {identity.account_id or 'not shown'}, project {identity.project_id or 'none'}"


def _count(found: Any) -> str:
    return f"{len(found)} found"


def _near(quotas: tuple[Quota, ...]) -> Iterator[Check]:
    for quota in quotas:
        full = quota.limit > 0 and quota.used >= quota.limit * _NEAR
        yield Check(f"quota {quota.name}", WARNING if full else OK, f"{quota.used} of {quota.limit} used")
