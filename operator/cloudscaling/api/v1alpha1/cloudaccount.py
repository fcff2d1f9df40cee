"""CloudAccount: a vendor, a region and the credentials for them.

Read by the reconcilers of every kind. Knows nothing of endpoints' defaults or of how requests are signed.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from cloudscaling.api.base import (
    ApiModel,
    Immutable,
    Listing,
    Resource,
    Rule,
    Spec,
    Time,
    between,
    keyed,
    one_of,
    text,
    unordered,
)
from cloudscaling.api.v1alpha1.common import CommonStatus, Quota, Vendor

URL = "^https?://[^ ]+$"


class CredentialsType(StrEnum):
    """How requests are signed."""

    ACCESS_KEY = "AccessKey"
    KEYSTONE = "Keystone"


class CaKind(StrEnum):
    """Where a CA certificate is stored."""

    CONFIG_MAP = "ConfigMap"
    SECRET = "Secret"  # noqa: S105 - a kind, not a password


class Capability(StrEnum):
    """What the vendor's API offers."""

    POLICY_V2 = "PolicyV2"
    ACTIVITY_LOG_V2 = "ActivityLogV2"
    STEP_POLICIES = "StepPolicies"
    WARM_POOL = "WarmPool"
    SCHEDULED_TASKS = "ScheduledTasks"
    NOTIFICATIONS = "Notifications"
    STANDBY = "Standby"
    START_STOP = "StartStop"
    TARGET_TRACKING = "TargetTracking"
    NATIVE_REFRESH = "NativeRefresh"


class Endpoints(ApiModel):
    """Addresses that replace the vendor's own."""

    autoscaling: Annotated[str, text(pattern=URL)] | None = None
    """Base URL of the auto-scaling API. https, or http with tls.allowPlaintext. Left out: the vendor's
    endpoint of the region."""
    iam: Annotated[str, text(pattern=URL)] | None = None
    """Base URL of the identity service (Huawei, OTC). Left out: the vendor's endpoint of the region."""


class SecretName(ApiModel):
    """A Secret of the same namespace."""

    name: str
    """Name of the Secret."""


class Credentials(ApiModel):
    """How the operator proves who it is."""

    type: CredentialsType = CredentialsType.ACCESS_KEY
    """AccessKey: signed requests; the Secret holds accessKeyId, secretAccessKey and, for temporary keys,
    securityToken. Keystone (Huawei, OTC): tokens; the Secret holds username, password, domainName."""
    secret_ref: SecretName
    """Secret of this namespace with the credentials. A change is noticed within 30 seconds."""


class RateLimit(ApiModel):
    """Ceiling of the calls to this account."""

    rules: ClassVar = (Rule("A6", "self.burst >= self.requestsPerSecond", "burst must not be below requestsPerSecond"),)

    requests_per_second: Annotated[int, between(1, 100)] = 10
    """Calls per second in the long run."""
    burst: Annotated[int, between(1, 500)] = 20
    """Calls that may follow each other at once."""


class Polling(ApiModel):
    """How often the cloud is looked at."""

    rules: ClassVar = (
        Rule("A7", "self.activeSeconds <= self.idleSeconds", "activeSeconds must not exceed idleSeconds"),
    )

    idle_seconds: Annotated[int, between(30, 3600)] = 60
    """Seconds between two sweeps over all groups of the account."""
    active_seconds: Annotated[int, between(5, 60)] = 10
    """Seconds between two looks at a group in which something is going on."""


class Limits(ApiModel):
    """Limits of the account where they differ from the vendor's usual ones."""

    max_group_size: Annotated[int, between(1, 10000)] | None = None
    """Largest maxSize the vendor allows, in instances. Vendor default: 300 Huawei, OTC; 100 Alibaba; 2000
    Tencent."""
    instance_batch_size: Annotated[int, between(1, 100)] | None = None
    """Most instances in one call. Vendor default: 10 Huawei, OTC; 20 Alibaba, Tencent."""
    instance_remove_batch_size: Annotated[int, between(1, 100)] | None = None
    """Most instances in one call that removes or detaches. Vendor default: 50 Huawei, 10 OTC, 20
    otherwise."""


class CaRef(ApiModel):
    """A CA certificate in a ConfigMap or Secret of the same namespace."""

    kind: CaKind
    """Kind of the object that holds the certificate."""
    name: str
    """Name of that object."""
    key: str = "ca.crt"
    """Key of the PEM text inside it."""


class Tls(ApiModel):
    """How connections are secured."""

    ca_ref: CaRef | None = None
    """CA to trust beside the public ones, for a proxy or an endpoint of your own."""
    allow_plaintext: bool = False
    """Allow http endpoints. For simulators only: credentials travel unencrypted."""


class CloudAccountSpec(Spec):
    """Which cloud, which region, which credentials, and how gently to use them."""

    rules: ClassVar = (
        Rule(
            "A1",
            "self.vendor in ['Huawei','OTC'] || (!has(self.projectId) && !has(self.projectName))",
            "projectId and projectName exist only for Huawei and OTC",
        ),
        Rule(
            "A2",
            "self.vendor in ['Huawei','OTC'] || self.credentials.type == 'AccessKey'",
            "Keystone credentials exist only for Huawei and OTC",
        ),
        Rule(
            "A3",
            "self.vendor in ['Huawei','OTC'] || !has(self.endpoints) || !has(self.endpoints.iam)",
            "endpoints.iam exists only for Huawei and OTC",
        ),
        Rule(
            "A4",
            "!has(oldSelf.projectId) || (has(self.projectId) && self.projectId == oldSelf.projectId)",
            "projectId is immutable once set; create another CloudAccount",
        ),
        Rule(
            "A5",
            "(has(self.tls) && self.tls.allowPlaintext) || !has(self.endpoints) || "
            "((!has(self.endpoints.autoscaling) || self.endpoints.autoscaling.startsWith('https://')) && "
            "(!has(self.endpoints.iam) || self.endpoints.iam.startsWith('https://')))",
            "http endpoints need tls.allowPlaintext: true",
        ),
    )

    vendor: Annotated[Vendor, Immutable()]
    """The cloud. It selects the API and, in other objects, which vendor block may be used."""
    region: Annotated[str, text(pattern="^[a-z0-9-]{2,32}$"), Immutable()]
    """Region as the vendor spells it, for example cn-north-4, eu-de, cn-hangzhou, ap-guangzhou."""
    project_id: str | None = None
    """Project (Huawei, OTC). Left out: looked up by projectName. Cannot be changed once set."""
    project_name: str | None = None
    """Name of the project (Huawei, OTC). Left out: the name of the region."""
    endpoints: Endpoints | None = None
    """Addresses that replace the vendor's own."""
    credentials: Credentials
    """Credentials to use."""
    expected_account_id: str | None = None
    """Account id that the credentials must belong to; anything else stops all writes. Not checkable on
    Tencent."""
    request_timeout_seconds: Annotated[int, between(5, 45)] = 30
    """Seconds after which a call counts as lost."""
    rate_limit: RateLimit = RateLimit()
    """Ceiling of the calls to this account. Accounts with the same credentials share the lowest one."""
    polling: Polling = Polling()
    """How often the cloud is looked at."""
    limits: Limits | None = None
    """Vendor limits, where this account's differ from the usual ones."""
    tls: Tls | None = None
    """How connections are secured."""
    paused: bool = False
    """Make no call for this account, which pauses every object that uses it."""


class CredentialsInUse(ApiModel):
    """The credentials that were verified last."""

    secret_name: str | None = None
    """Name of the Secret."""
    secret_resource_version: str | None = None
    """Version of the Secret that was verified."""
    verified_at: Time | None = None
    """When that version was verified."""


class ApiVersionInfo(ApiModel):
    """A version of the vendor's API."""

    id: str
    """Name of the version."""
    status: str | None = None
    """The vendor's word on it, for example CURRENT."""


class AccountUse(ApiModel):
    """How many objects use the account."""

    launch_configurations: int = 0
    """LaunchConfigurations that name it."""
    scaling_groups: int = 0
    """ScalingGroups that name it."""
    scaling_policies: int = 0
    """ScalingPolicies with a cloud object, or that name it."""
    instance_operations: int = 0
    """InstanceOperations with a call running."""
    instance_refreshes: int = 0
    """InstanceRefreshes with a cloud object or a call running."""


class CloudAccountStatus(CommonStatus):
    """What was found out about the account."""

    endpoint: str | None = None
    """Auto-scaling endpoint in use."""
    account_id: str | None = None
    """Account the credentials belong to. Pinned at the first success; empty where the API shows none."""
    project_id: str | None = None
    """Project in use (Huawei, OTC), pinned at the first success."""
    domain_id: str | None = None
    """Domain of the credentials (Huawei, OTC)."""
    credentials: CredentialsInUse | None = None
    """Credentials that were verified last."""
    api_versions: Annotated[Listing[ApiVersionInfo], keyed(10, "id")] = ()
    """Versions of the vendor's API (Huawei, OTC)."""
    capabilities: Annotated[Listing[Annotated[str, one_of(of=Capability)]], unordered(20)] = ()
    """What the vendor's API offers to this account."""
    notification_types: Annotated[Listing[str], unordered(50)] = ()
    """Notification events the vendor knows (Alibaba)."""
    quotas: Annotated[Listing[Quota], keyed(10, "name")] = ()
    """Quotas of the account, read every ten minutes; empty where the vendor shows none."""
    used_by: AccountUse | None = None
    """How many objects use the account; deletion waits for zero."""


class CloudAccount(Resource):
    """Access to one account, project and region of a cloud: vendor, region, credentials, call limits."""

    kind: Literal["CloudAccount"] = "CloudAccount"
    """Kind of the object."""
    spec: CloudAccountSpec
    """The account to use and how."""
    status: CloudAccountStatus = CloudAccountStatus()
    """What was found out about it."""
