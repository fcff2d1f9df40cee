"""Fields that the operator itself acts on, for all vendors alike. Merged into their tables, read by engine.content.

Knows no vendor: a field stands here only if no vendor writes it as a plain property.
"""

from __future__ import annotations

from dataclasses import replace

from cloudscaling.core.fields import OPERATOR, Rule

# Of LaunchConfiguration, ScalingGroup and ScalingPolicy.
CONTROL: dict[str, Rule] = {
    "accountRef": OPERATOR,
    "externalName": OPERATOR,
    "externalId": OPERATOR,
    "managementPolicy": OPERATOR,
    "paused": OPERATOR,
    "deletionPolicy": OPERATOR,
    "deletionProtection": OPERATOR,
}

OPERATOR_LAUNCH_CONFIGURATION: dict[str, Rule] = CONTROL | {
    "externalName": replace(OPERATOR, max_length=34),  # forty less room for the number of the revision
    "updateStrategy": OPERATOR,
    "revisionHistoryLimit": OPERATOR,
}

OPERATOR_GROUP: dict[str, Rule] = CONTROL | {
    "enabled": OPERATOR,
    "desiredCapacity": OPERATOR,
    "capacityManagement": OPERATOR,
    "instanceDeletionPolicy": OPERATOR,
    "forceDeleteAfterSeconds": OPERATOR,
    "launchConfigurationRef": OPERATOR,
}

OPERATOR_POLICY: dict[str, Rule] = CONTROL | {
    "enabled": OPERATOR,
    "scalingGroupRef": OPERATOR,
    "type": OPERATOR,
}
