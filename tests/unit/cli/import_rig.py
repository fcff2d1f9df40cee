"""The import as the command runs it, over the simulator in memory."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import account_by_hand
import yaml
from operator_rig import ACCOUNT_SPEC, Rig
from sim_transport import KEY_ID, KEY_SECRET, SimVendor

from cloudscaling.cli.commands import ImportOptions, Surroundings, run_import, run_verify
from cloudscaling.cli.source import from_documents

Json = dict[str, Any]
ENVIRON = {"CLOUDSCALING_ACCESS_KEY_ID": KEY_ID, "CLOUDSCALING_SECRET_ACCESS_KEY": KEY_SECRET}
ACCOUNT = {"apiVersion": "cloudscaling.dev/v1alpha1", "kind": "CloudAccount", "metadata": {"name": "acme"}}


class Account:
    """Made by hand: the rig with a full account behind it, and what the import says of it."""

    def __init__(self, vendor: str = "Huawei") -> None:
        self.vendor = vendor
        self.rig = Rig(vendor=vendor)
        self.rig.simulator.vendor.rules.quotas.update(groups=100)
        self.out, self.err = io.StringIO(), io.StringIO()

    @property
    def vendors(self) -> Any:
        return {self.vendor: SimVendor(self.rig.simulator)}

    @property
    def spec(self) -> Json:
        return {**ACCOUNT_SPEC, "vendor": self.vendor}

    def fill(self) -> None:
        """25 groups and what belongs to them."""
        older = self.vendor != "Huawei"
        made = self.seed(configurations=account_by_hand.configurations(older=older))
        groups = self.seed(groups=account_by_hand.groups(made["configurations"], older=older))["groups"]
        self.seed(policies=account_by_hand.policies(groups, older=older))
        for operation, group_id, body in account_by_hand.children(groups, older=older):
            assert (
                self.rig.simulator.vendor.call(operation, {"scaling_group_id": group_id}, None, body, "acme")[0] < 300
            )

    async def operate(self) -> None:
        """Start the operator with the CloudAccount."""
        self.rig.account()
        await self.rig.start()

    def seed(self, **document: Any) -> Json:
        now = self.rig.simulator.world.catch_up()
        found: Json = self.rig.simulator.vendor.seed({"account": "acme", **document}, now)
        return found

    @property
    def around(self) -> Surroundings:
        return Surroundings(self.vendors, self.rig.clock, self.out, self.err)

    async def run_import(self, cluster: Any = None, environ: Any = None, **options: Any) -> int:
        text = yaml.safe_dump({**ACCOUNT, "spec": self.spec})
        source = await from_documents(text, ENVIRON if environ is None else environ, self.around.vendors)
        if cluster is not None:
            source = type(source)(source.account, source.config, cluster)
        return await run_import(source, ImportOptions(**options), self.around)

    async def run_verify(self, output: str = "json", cluster: Any = None, **spec: Any) -> int:
        text = yaml.safe_dump({**ACCOUNT, "spec": {**self.spec, **spec}})
        source = await from_documents(text, ENVIRON, self.around.vendors)
        return await run_verify(replace(source, cluster=cluster), output, self.around)

    def manifests(self) -> list[Json]:
        return [document for document in yaml.safe_load_all(self.out.getvalue()) if document]

    def writes(self) -> list[str]:
        """Operations that could have changed the cloud; a search by tag is a read, although it is sent as a POST."""
        return [w.operation for w in self.rig.simulator.writes if w.operation != "ListResourceInstances"]
