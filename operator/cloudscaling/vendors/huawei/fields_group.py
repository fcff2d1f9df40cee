"""What the family's clouds allow for every field of a group and of what hangs on it. Read through fields.

"+" stands for the vendor's own block.
"""

from __future__ import annotations

from cloudscaling.core.fields import CHILD, OPERATOR, Mutability, Rule, Table, unsupported
from cloudscaling.core.model import Json
from cloudscaling.core.operator_fields import OPERATOR_GROUP
from cloudscaling.vendors.huawei.group_fields import TERMINATION, WORDS
from cloudscaling.vendors.huawei.notifications import SCENES

DESCRIPTION = Rule(max_length=236)  # the vendor's 256 less room for the ownership mark
COOLDOWN = Rule(low=0, high=86400)
_TAG_KEY, _TAG_VALUE = 36, 43
_METADATA, _FORBIDDEN = 256, frozenset("<>&'()")
_LISTENERS, _CHILDREN = 6, 5
_BY_POOL = unsupported("poolId says it all")
_BY_TOPIC = unsupported("use target.topic")
_FOREIGN = unsupported("leave it out; the block is another vendor's")
_OTHER_EVENTS = {
    "ScaleOutStarted": "use ScaleOutSucceeded and ScaleOutFailed",
    "ScaleInStarted": "use ScaleInSucceeded and ScaleInFailed",
    "ScalingRejected": "use ScaleOutFailed and ScaleInFailed",
    "ScheduleExpiring": "schedules are renewed by the operator",
    "UnhealthyReplaced": "use ScaleInSucceeded and ScaleOutSucceeded",
    "UnhealthyReplaceFailed": "use ScaleInFailed and ScaleOutFailed",
}


def _termination(policies: Json) -> str:
    if tuple(policies) in TERMINATION or tuple(policies) == ("OldestLaunchConfiguration",):
        return ""
    return f"the vendor has no combination {', '.join(policies)}"


def _tags(tags: Json) -> str:
    for key, value in tags.items():
        if len(key) > _TAG_KEY or len(value) > _TAG_VALUE:
            return f"key {key!r}: keys have at most {_TAG_KEY} characters, values at most {_TAG_VALUE}"
    return ""


def _metadata(text: Json) -> str:
    found = sorted(_FORBIDDEN & set(text))
    return f"must not hold {' '.join(found)}" if found else ""


def _topics(notifications: Json) -> str:
    topics = [(entry.get("target") or {}).get("topic") for entry in notifications]
    twice = sorted({topic for topic in topics if topic and topics.count(topic) > 1})
    return f"topic {twice[0]} stands in more than one entry; a topic has one set of events" if twice else ""


GROUP: Table = OPERATOR_GROUP | {
    "minSize": Rule(low=0),  # the upper limit is the account's, see Capabilities.max_group_size
    "maxSize": Rule(low=0),
    "cooldownSeconds": COOLDOWN,
    "network.vpcId": Rule(Mutability.NEVER, required=True),
    "network.subnetIds": Rule(Mutability.WHEN_EMPTY, required=True, min_items=1, max_items=1),
    "network.zones": Rule(Mutability.WHEN_IDLE),
    "network.distribution": Rule(
        values=frozenset(WORDS["network.distribution"][1]),
        lacking={"CostOptimized": "use instanceTypePolicy: LowestPrice of the LaunchConfiguration"},
    ),
    "healthCheck.type": Rule(values=frozenset(WORDS["healthCheck.type"][1])),
    "healthCheck.intervalSeconds": Rule(values=frozenset(WORDS["healthCheck.intervalSeconds"][1])),
    "healthCheck.gracePeriodSeconds": Rule(low=0, high=86400),
    "terminationPolicies": Rule(
        values=frozenset({"OldestLaunchConfiguration", "OldestInstance", "NewestInstance"}),
        min_items=1,
        max_items=2,
        judge=_termination,
    ),
    "tags": Rule(max_items=9, judge=_tags),  # ten less the ownership tag
    "loadBalancers.targets": Rule(
        Mutability.WHEN_IDLE, max_items=_LISTENERS, not_with="loadBalancers.classicIds", shared=True
    ),
    "loadBalancers.targets[].name": OPERATOR,
    "loadBalancers.targets[].poolId": Rule(required=True),
    "loadBalancers.targets[].port": Rule(low=1, high=65535),
    "loadBalancers.targets[].weight": Rule(low=0, high=100),
    "loadBalancers.targets[].ipVersion": Rule(),
    "loadBalancers.targets[].loadBalancerId": _BY_POOL,
    "loadBalancers.targets[].listenerId": _BY_POOL,
    "loadBalancers.targets[].ruleId": _BY_POOL,
    "loadBalancers.targets[].region": _BY_POOL,
    "loadBalancers.classicIds": Rule(Mutability.WHEN_IDLE, max_items=_LISTENERS, shared=True),
    "lifecycleHooks": Rule(Mutability.CHILD, max_items=_CHILDREN),
    "lifecycleHooks[].name": OPERATOR,
    "lifecycleHooks[].transition": CHILD,
    "lifecycleHooks[].defaultResult": CHILD,
    "lifecycleHooks[].timeoutSeconds": Rule(Mutability.CHILD, low=60, high=86400),
    "lifecycleHooks[].target.topic": Rule(Mutability.CHILD, required=True),
    "lifecycleHooks[].target.queue": _BY_TOPIC,
    "lifecycleHooks[].metadata": Rule(Mutability.CHILD, max_length=_METADATA, judge=_metadata),
    "lifecycleHooks[].tencent": _FOREIGN,
    "notifications": Rule(Mutability.CHILD, max_items=_CHILDREN, judge=_topics),
    "notifications[].name": OPERATOR,
    "notifications[].events": Rule(Mutability.CHILD, values=frozenset(SCENES), lacking=_OTHER_EVENTS),
    "notifications[].target.topic": Rule(Mutability.CHILD, required=True),
    "notifications[].target.queue": _BY_TOPIC,
    "notifications[].target.userGroupIds": unsupported("use target.topic; people subscribe to it"),
    "notifications[].target.cloudMonitor": _BY_TOPIC,
    "+.description": DESCRIPTION,
    "+.enterpriseProjectId": Rule(),
    "+.deletePublicIp": Rule(),
    "+.deleteVolume": Rule(),
    "+.securityGroupId": Rule(Mutability.WHEN_EMPTY),
    "+.primaryNetwork": Rule(Mutability.WHEN_EMPTY),
    "+.secondaryNetworks": Rule(Mutability.WHEN_EMPTY, max_items=4),
    "+.iamAgencyName": Rule(max_length=64),
    "+.warmPool": CHILD,
}
