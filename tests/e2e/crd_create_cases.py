"""One object accepted and one refused for every CEL rule that looks at one object alone. Used by test_crds only.

Objects are written as changes to the spec of BASE.
"""

from crd_cases import ADD_ONE, Case, Json, bandwidth_policy, merged


def _cases(kind: str, *rows: tuple[str, str, Json, Json]) -> list[Case]:
    return [Case(kind, path, rule, good, bad) for rule, path, good, bad in rows]


def _disk(**members: object) -> Json:
    return {"dataDisks": [{"type": "SSD", "sizeGiB": 10, **members}]}


def _files(vendor: str, **members: object) -> Json:
    return {vendor: {"files": [{"path": "/etc/role", **members}]}}


def _hook(**members: object) -> Json:
    return {"lifecycleHooks": [{"name": "warmup", "transition": "Launching", **members}]}


def _policy(kind: str, **members: object) -> Json:
    return {"type": kind, "adjustment": None, **members}


def _steps(*steps: Json) -> Json:
    return _policy("Alarm", alarm={"alarmId": "al1", "steps": list(steps)})


_BOTH_VENDORS: Json = {"huawei": {}, "otc": {}}
_SECRET_KEY: Json = {"name": "s", "key": "k"}
_SCHEDULED: Json = {"schedule": {"at": "2030-01-01T00:00:00Z"}}
_METRIC: Json = {
    "name": "CPUUtilization",
    "comparison": "GreaterThan",
    "threshold": 80,
    "periodSeconds": 60,
    "evaluationPeriods": 3,
}


CREATE = [
    *_cases(
        "CloudAccount",
        ("A1", "spec", {"vendor": "OTC", "projectName": "eu-de_web"}, {"vendor": "Alibaba", "projectId": "p"}),
        (
            "A2",
            "spec",
            {"vendor": "OTC", "credentials": {"type": "Keystone"}},
            {"vendor": "Tencent", "credentials": {"type": "Keystone"}},
        ),
        (
            "A3",
            "spec",
            {"endpoints": {"iam": "https://iam.example.org"}},
            {"vendor": "Alibaba", "endpoints": {"iam": "https://iam.example.org"}},
        ),
        (
            "A5",
            "spec",
            {"endpoints": {"autoscaling": "http://127.0.0.1:9001"}, "tls": {"allowPlaintext": True}},
            {"endpoints": {"autoscaling": "http://127.0.0.1:9001"}},
        ),
        ("A6", "spec.rateLimit", {"rateLimit": {"burst": 10}}, {"rateLimit": {"requestsPerSecond": 50}}),
        (
            "A7",
            "spec.polling",
            {"polling": {"activeSeconds": 30, "idleSeconds": 30}},
            {"polling": {"activeSeconds": 60, "idleSeconds": 30}},
        ),
    ),
    *_cases(
        "LaunchConfiguration",
        ("V1", "spec", {"huawei": {}}, _BOTH_VENDORS),
        ("V1", "spec.dataDisks[]", _disk(alibaba={}), _disk(alibaba={}, tencent={})),
        ("L1", "spec", {"instanceTypes": None, "managementPolicy": "ObserveOnly"}, {"instanceTypes": None}),
        ("L2", "spec.image", {"image": {"id": None, "family": "base"}}, {"image": {"name": "base"}}),
        ("L3", "spec.login", {"login": {"keyPair": "ops"}}, {"login": {"keyPair": "ops", "inheritFromImage": True}}),
        ("L4", "spec.userData", {"userData": {"secretKeyRef": _SECRET_KEY}}, {"userData": {}}),
        (
            "L5",
            "spec.publicIp",
            {"publicIp": {"chargeMode": "Shared", "sharedBandwidthId": "bw-1"}},
            {"publicIp": {"chargeMode": "Traffic"}},
        ),
        ("L6", "spec", {"purchaseModel": "Spot", "spot": {"maxPrice": "0.35"}}, {"spot": {"maxPrice": "0.35"}}),
        (
            "L7",
            "spec.spot",
            {"purchaseModel": "Spot", "spot": {"maxPrices": [{"instanceType": "ecs.g6", "price": "1"}]}},
            {"purchaseModel": "Spot", "spot": {}},
        ),
        (
            "L8",
            "spec",
            {"otc": {"templateInstanceId": "i-1"}, "image": None, "instanceTypes": None},
            {"otc": {"templateInstanceId": "i-1"}, "image": None},
        ),
        ("L9", "spec.dataDisks[]", _disk(kmsKeyId="k", encrypted=True), _disk(kmsKeyId="k", encrypted=False)),
        ("L10", "spec.huawei.files[]", _files("huawei", content="web"), _files("huawei")),
        (
            "L10",
            "spec.otc.files[]",
            _files("otc", secretKeyRef=_SECRET_KEY),
            _files("otc", content="web", secretKeyRef=_SECRET_KEY),
        ),
        (
            "L11",
            "spec.huawei",
            {"huawei": {"dedicatedHostId": "h", "tenancy": "Dedicated"}},
            {"huawei": {"dedicatedHostId": "h"}},
        ),
        (
            "L12",
            "spec",
            {"tencent": {"hostNameStyle": "Unique"}, "hostName": "web"},
            {"tencent": {"instanceNameSuffix": "x"}, "hostName": "web"},
        ),
    ),
    *_cases(
        "ScalingGroup",
        ("V1", "spec", {"alibaba": {}}, {"alibaba": {}, "tencent": {}}),
        ("G1", "spec", {"minSize": 10}, {"minSize": 11}),
        ("G2", "spec", {"desiredCapacity": 10}, {"desiredCapacity": 11}),
        (
            "G3",
            "spec",
            {"tencent": {"spotMix": {"baseCapacity": 10}}},
            {"tencent": {"spotMix": {"baseCapacity": 11}}},
        ),
        (
            "G4",
            "spec",
            {"launchConfigurationRef": None, "tencent": {"createFrom": {"instanceId": "ins-1"}}},
            {"alibaba": {"launchTemplate": {"id": "lt-1"}}},
        ),
        (
            "G5",
            "spec.launchConfigurationRef",
            {"launchConfigurationRef": {"name": None, "externalId": "asc-1"}},
            {"launchConfigurationRef": {"externalId": "asc-1"}},
        ),
        (
            "G6",
            "spec.healthCheck",
            {"healthCheck": {"type": "LoadBalancer", "gracePeriodSeconds": 60}},
            {"healthCheck": {"gracePeriodSeconds": 60}},
        ),
        (
            "G7",
            "spec.notifications[].target",
            {"notifications": [{"name": "a", "events": ["ScaleOutFailed"], "target": {"cloudMonitor": True}}]},
            {"notifications": [{"name": "a", "events": ["ScaleOutFailed"], "target": {}}]},
        ),
        ("G8", "spec", {"tags": {"team": "web"}}, {"tags": {"cso-owner": "me"}}),
        ("G9", "spec", {"network": {"subnetIds": ["a", "b"]}}, {"network": {"subnetIds": ["a", "a"]}}),
        (
            "G10",
            "spec.lifecycleHooks[]",
            _hook(tencent={"command": {"id": "cmd-1"}}),
            _hook(tencent={"command": {"id": "cmd-1"}}, metadata="web"),
        ),
        ("G11", "spec.lifecycleHooks[]", _hook(name="lists"), _hook(name="list")),
        (
            "G12",
            "spec.lifecycleHooks[].target",
            _hook(target={"topic": "t"}),
            _hook(target={"topic": "t", "queue": "q"}),
        ),
    ),
    *_cases(
        "ScalingPolicy",
        ("V1", "spec", {"tencent": {}}, {"otc": {}, "tencent": {}}),
        ("P1", "spec", {}, {"scalingGroupRef": None}),
        (
            "P2",
            "spec",
            bandwidth_policy("otc"),
            {"huawei": {"bandwidth": {"id": "bw-1"}}},
        ),
        (
            "P3",
            "spec",
            _policy("Scheduled", adjustment=ADD_ONE, **_SCHEDULED),
            {"targetTracking": {"metric": "CPUUtilization", "targetValue": 50}},
        ),
        (
            "P4",
            "spec",
            _policy("Alarm", adjustment=ADD_ONE, alarm={"alarmId": "al1"}),
            _policy("Alarm", alarm={"alarmId": "al1"}),
        ),
        (
            "P5",
            "spec",
            _policy("Scheduled", capacity={"minSize": 1}, **_SCHEDULED),
            _policy("Scheduled", adjustment=ADD_ONE, capacity={"minSize": 1}, **_SCHEDULED),
        ),
        (
            "P6",
            "spec",
            _policy("Recurring", adjustment=ADD_ONE, schedule={"cron": "0 7 * * *"}),
            _policy("Recurring", adjustment=ADD_ONE, **_SCHEDULED),
        ),
        ("P7", "spec.adjustment", {"adjustment": {"value": -1}}, {"adjustment": {"value": 0}}),
        (
            "P7",
            "spec.alarm.steps[].adjustment",
            _steps({"lowerBound": "0", "adjustment": {"type": "PercentChangeInCapacity", "value": -100}}),
            _steps({"lowerBound": "0", "adjustment": {"type": "PercentChangeInCapacity", "value": -101}}),
        ),
        (
            "P8",
            "spec.capacity",
            _policy("Scheduled", capacity={"minSize": 1, "desiredCapacity": 2, "maxSize": 3}, **_SCHEDULED),
            _policy("Scheduled", capacity={"desiredCapacity": 4, "maxSize": 3}, **_SCHEDULED),
        ),
        (
            "P9",
            "spec.alarm",
            _policy("Alarm", adjustment=ADD_ONE, alarm={"metric": _METRIC}),
            _policy("Alarm", adjustment=ADD_ONE, alarm={"metric": _METRIC, "alarmId": "al1"}),
        ),
        (
            "P10",
            "spec.alarm.steps[]",
            _steps({"lowerBound": "-1.5", "upperBound": "10", "adjustment": ADD_ONE}),
            _steps({"lowerBound": "10", "upperBound": "9.5", "adjustment": ADD_ONE}),
        ),
        (
            "P11",
            "spec.targetTracking",
            _policy("TargetTracking", targetTracking={"metric": "CPUUtilization", "targetValue": 99}),
            _policy("TargetTracking", targetTracking={"metric": "CPUUtilization", "targetValue": 100}),
        ),
        (
            "P12",
            "spec",
            bandwidth_policy("huawei"),
            merged(bandwidth_policy("huawei"), {"adjustment": {"value": 301}}),
        ),
    ),
    *_cases(
        "InstanceOperation",
        ("V1", "spec", {"otc": {}}, {"alibaba": {}, "otc": {}}),
        ("O1", "spec", {"instanceIds": None, "instanceSelector": {"outdated": True}}, {"instanceIds": None}),
        ("O2", "spec", {"action": "Add"}, {"action": "Rebalance"}),
        (
            "O3",
            "spec",
            {"action": "ExtendLifecycleAction", "lifecycleAction": {"hookName": "drain"}},
            {"action": "ExtendLifecycleAction"},
        ),
        (
            "O4",
            "spec",
            {"action": "CompleteLifecycleAction", "lifecycleAction": {"hookName": "drain", "result": "Continue"}},
            {"action": "CompleteLifecycleAction", "lifecycleAction": {"hookName": "drain"}},
        ),
        (
            "O5",
            "spec",
            {"action": "ExecutePolicy", "instanceIds": None, "policyRef": {"name": "add-two"}},
            {"policyRef": {"name": "add-two"}},
        ),
        ("O6", "spec", {"action": "ScaleOut", "instanceIds": None, "count": 1}, {"count": 1}),
        ("O7", "spec", {"decrementDesiredCapacity": False}, {"action": "Add", "decrementDesiredCapacity": False}),
        (
            "O8",
            "spec",
            {"action": "Stop", "tencent": {"stoppedMode": "StopCharging"}},
            {"action": "Stop", "tencent": {"honorCooldown": True}},
        ),
    ),
    *_cases(
        "InstanceRefresh",
        ("R1", "spec", {"onFailure": "Rollback", "mode": "Reset", "maxSurge": "0%"}, {"onFailure": "Rollback"}),
    ),
]
