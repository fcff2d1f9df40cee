"""Which desired capacities an operation brings about, so that its group does not call them external."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import NOW, later
from operation_samples import BATCH, BEGUN, DONE, FROZEN, iop

from cloudscaling.core.operation.sizes import brought_about

ADD = {"action": "Add", "instanceIds": ["i-1", "i-2"]}
POLICY = {"action": "ExecutePolicy", "policyRef": {"name": "p"}}
STANDBY = {"action": "EnterStandby", "instanceIds": ["i-1", "i-2"]}


@pytest.mark.parametrize(
    ("status", "spec", "sizes"),
    [
        ({}, {}, set()),
        (FROZEN, {}, set()),
        (BEGUN, {}, {3, 4}),
        (BEGUN, ADD, {6, 7}),
        (BEGUN, {"action": "Protect", "instanceIds": ["i-1"]}, set()),
        (BEGUN, STANDBY, set()),
        (BEGUN, {**STANDBY, "huawei": {"launchReplacements": True}}, {6, 7}),
        ({**BEGUN, "total": 1}, {"action": "ScaleOut", "count": 3}, {8}),
        ({**BEGUN, "total": 1}, {"action": "ScaleIn", "count": 3}, {2}),
        ({**BEGUN, "total": 1}, POLICY, set()),
        ({**BEGUN, "total": 1, "currentBatch": {**BATCH, "state": "Issued", "target": 9}}, POLICY, {9}),
        ({**DONE, "total": 1, "batches": [{"index": 1, "status": "Succeeded", "target": 9}]}, POLICY, {9}),
        ({**DONE, "completionTime": later(-100).isoformat()}, {}, {3, 4}),
        ({**DONE, "completionTime": later(-700).isoformat()}, {}, set()),
    ],
)
def test_sizes_on_the_way_of_an_operation(status: dict[str, Any], spec: dict[str, Any], sizes: set[int]) -> None:
    """From its first call until some minutes after its end."""
    assert brought_about(iop(status, **spec), NOW) == sizes
