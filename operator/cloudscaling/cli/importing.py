"""Inventory and existing objects -> bundles of manifests. Called by commands. Pure but for the order of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cloudscaling.cli.existing import Existing
from cloudscaling.cli.inventory import GroupWithChildren, Inventory
from cloudscaling.cli.manifest import Bundle, Found
from cloudscaling.cli.names import Names
from cloudscaling.cli.translate import GROUP, LAUNCH, POLICY, Translator
from cloudscaling.core.model import Json, LaunchConfiguration, Policy

# A file of a group has the group's name, a DNS label: the dot keeps these two apart from every one of them.
SHARED, ACCOUNT_WIDE = "shared.launch-configurations", "account.policies"


@dataclass
class Import:
    """One import; `bundles` gives the files in order."""

    inventory: Inventory
    existing: Existing
    translator: Translator
    namespace: str
    names: Names = field(init=False)
    launches: dict[str, Found] = field(default_factory=dict)  # by cloud id

    def __post_init__(self) -> None:
        self.names = Names(self.existing.names)

    def bundles(self) -> tuple[Bundle, ...]:
        """A file per group in the order of names, before them one for launch configurations that several groups use."""
        fresh = [whole for whole in self.inventory.groups if not self._taken(GROUP, whole.group.id, whole)]
        users = Counter(_launch_id(whole) for whole in fresh)
        self.launches = {i: self._launch(i) for i in users if i in self.inventory.configurations}
        shared = tuple(found for cloud_id, found in self.launches.items() if users[cloud_id] > 1)
        files = []
        for whole in self.inventory.groups:  # in the order of age, which decides about equal names
            found = tuple(self._of_group(whole, users))
            files.append(Bundle(next((f.name for f in found if f.kind == GROUP and f.name), whole.group.id), found))
        files = [*([Bundle(SHARED, shared)] if shared else []), *sorted(files, key=lambda bundle: bundle.name)]
        account = {"accountRef": {"name": self.translator.account}}
        others = tuple(self._policy(policy, account) for policy in self.inventory.others)
        return (*files, *([Bundle(ACCOUNT_WIDE, others)] if others else []))

    def _of_group(self, whole: GroupWithChildren, users: Counter[str]) -> Iterator[Found]:
        group = whole.group
        taken = self._taken(GROUP, group.id, whole)
        if taken:
            yield Found(GROUP, "", group.id, group.name, why=taken, detail=f"{group.min_size}..{group.max_size}")
            return
        launch_id = _launch_id(whole)
        if launch_id in self.launches and users[launch_id] == 1:
            yield self.launches[launch_id]
        name = self.names.give(GROUP, group.name, group.id)
        made = self.translator.group(whole, name, self._reference(launch_id))
        yield made
        for policy in whole.policies:
            if made.spec is not None:
                yield self._policy(policy, {"scalingGroupRef": {"name": name}})
            else:
                yield Found(POLICY, "", policy.id, policy.name, why="its group is not imported", detail=policy.type)

    def _launch(self, cloud_id: str) -> Found:
        configuration: LaunchConfiguration = self.inventory.configurations[cloud_id]
        taken = self._taken(LAUNCH, cloud_id)
        if taken:
            return Found(LAUNCH, "", cloud_id, configuration.name, why=taken)
        return self.translator.launch(configuration, self.names.give(LAUNCH, configuration.name, cloud_id))

    def _reference(self, cloud_id: str) -> dict[str, str] | None:
        """To the manifest, to the object that manages it already, or to the cloud object itself."""
        if not cloud_id:
            return None
        owner = self.existing.owner(LAUNCH, cloud_id)
        if owner is not None and owner[0] == self.namespace:
            return {"name": owner[1]}
        made = self.launches.get(cloud_id)
        return {"name": made.name} if made is not None and made.spec is not None else {"externalId": cloud_id}

    def _policy(self, policy: Policy, owner: Mapping[str, Json]) -> Found:
        taken = self._taken(POLICY, policy.id)
        if taken:
            return Found(POLICY, "", policy.id, policy.name, why=taken, detail=policy.type)
        if not policy.type:
            return Found(POLICY, "", policy.id, policy.name, why="a kind of policy that this release does not know")
        return self.translator.policy(policy, self.names.give(POLICY, policy.name, policy.id), owner)

    def _taken(self, kind: str, cloud_id: str, whole: GroupWithChildren | None = None) -> str:
        """Why the cloud object belongs to somebody already, "" when it does not."""
        owner = self.existing.owner(kind, cloud_id)
        if owner is not None:
            return f"managed by {kind} {owner[0]}/{owner[1]}"
        mark = (whole.group.owner_tag or whole.group.marker) if whole is not None else ""
        if mark:
            return f"bears the mark {mark} of an operator; apply its own manifest again, or take the mark off"
        return ""


def _launch_id(whole: GroupWithChildren) -> str:
    return str(whole.group.fields.get("launchConfigurationRef") or "")
