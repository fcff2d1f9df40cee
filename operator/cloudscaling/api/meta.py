"""Names that the six kinds share with the cluster: group, finalizers, annotations, columns.

Read by crdgen, by the handlers (what to watch) and by whatever patches an object. Knows no field beyond the
paths its columns print.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

GROUP = "cloudscaling.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
CATEGORY = "cloudscaling"

FINALIZER = f"{GROUP}/finalizer"
CREDENTIALS_FINALIZER = f"{GROUP}/credentials-in-use"

RECONCILE_REQUESTED_AT = f"{GROUP}/reconcile-requested-at"
REAPPLY_DESIRED_CAPACITY = f"{GROUP}/reapply-desired-capacity"
FORCE_ORPHAN = f"{GROUP}/force-orphan"

SCALING_GROUP_UID_LABEL = f"{GROUP}/scaling-group-uid"
"""Key of `status.selector` of a ScalingGroup; nothing carries the label."""


class ColumnType(StrEnum):
    """How the API server prints a column."""

    STRING = "string"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    """One printer column; wide ones are shown by `-o wide` only."""

    name: str
    path: str
    type: ColumnType = ColumnType.STRING
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Paths of the scale subresource."""

    spec_replicas: str
    status_replicas: str
    selector: str


@dataclass(frozen=True, slots=True)
class KindMeta:
    """What the cluster must know of a kind beside its schema."""

    kind: str
    plural: str
    short_name: str
    columns: tuple[Column, ...]
    selectable: tuple[str, ...] = ()
    scale: Scale | None = None

    @property
    def singular(self) -> str:
        """The lower-case name kubectl takes."""
        return self.kind.lower()

    @property
    def crd_name(self) -> str:
        """Name of the CustomResourceDefinition."""
        return f"{self.plural}.{GROUP}"


def _condition(type_: str, member: str) -> str:
    return f'.status.conditions[?(@.type=="{type_}")].{member}'


def _text(name: str, path: str) -> Column:
    return Column(name, path)


def _number(name: str, path: str) -> Column:
    return Column(name, path, ColumnType.INTEGER)


def _flag(name: str, path: str) -> Column:
    return Column(name, path, ColumnType.BOOLEAN)


def _date(name: str, path: str) -> Column:
    return Column(name, path, ColumnType.DATE)


def _wide(*columns: Column) -> tuple[Column, ...]:
    return tuple(Column(column.name, column.path, column.type, wide=True) for column in columns)


_READY = (_text("READY", _condition("Ready", "status")), _text("REASON", _condition("Ready", "reason")))
_SYNCED = _text("SYNCED", _condition("Synced", "reason"))
_AGE = _date("AGE", ".metadata.creationTimestamp")
_VENDOR = _text("VENDOR", ".status.vendor")
_ACCOUNT = _text("ACCOUNT", ".spec.accountRef.name")
_GROUP_NAME = _text("GROUP", ".spec.scalingGroupRef.name")
_DELETION = _text("DELETION", ".status.deletionPolicy")
_EXTERNAL_ID = _text("EXTERNAL-ID", ".status.externalId")

_BY_ACCOUNT = (".spec.accountRef.name",)
_BY_GROUP = (".spec.scalingGroupRef.name",)

_KINDS = (
    KindMeta(
        "CloudAccount",
        "cloudaccounts",
        "cacc",
        (
            _text("VENDOR", ".spec.vendor"),
            _text("REGION", ".spec.region"),
            *_READY,
            _number("GROUPS", ".status.usedBy.scalingGroups"),
            _AGE,
            *_wide(
                _text("CREDENTIALS", ".spec.credentials.type"),
                _text("ACCOUNT-ID", ".status.accountId"),
                _text("PROJECT", ".status.projectId"),
                _text("THROTTLED", _condition("Throttled", "status")),
                _flag("PAUSED", ".spec.paused"),
                _text("ENDPOINT", ".status.endpoint"),
            ),
        ),
    ),
    KindMeta(
        "LaunchConfiguration",
        "launchconfigurations",
        "lcfg",
        (
            _VENDOR,
            _number("REVISION", ".status.currentRevision"),
            _number("USED-BY", ".status.usedByCount"),
            *_READY,
            _AGE,
            *_wide(
                _text("INSTANCE-TYPES", ".spec.instanceTypes"),
                _text("IMAGE", ".spec.image.id"),
                _SYNCED,
                _DELETION,
                _ACCOUNT,
                _EXTERNAL_ID,
            ),
        ),
        selectable=_BY_ACCOUNT,
    ),
    KindMeta(
        "ScalingGroup",
        "scalinggroups",
        "scg",
        (
            _VENDOR,
            _number("MIN", ".status.minSize"),
            _number("MAX", ".status.maxSize"),
            _number("DESIRED", ".status.desiredCapacity"),
            _number("CURRENT", ".status.currentCapacity"),
            *_READY,
            _AGE,
            *_wide(
                _number("IN-SERVICE", ".status.inServiceCapacity"),
                _number("APPLIED", ".status.lastAppliedDesiredCapacity"),
                _number("OUTDATED", ".status.instances.outdated"),
                _text("SCALING", _condition("ScalingInProgress", "reason")),
                _text("DRIFTED", _condition("CapacityDrifted", "reason")),
                _SYNCED,
                _text("LAUNCH-CONFIG", ".status.launchConfiguration.name"),
                _ACCOUNT,
                _text("MANAGEMENT", ".spec.managementPolicy"),
                _DELETION,
                _EXTERNAL_ID,
            ),
        ),
        selectable=_BY_ACCOUNT,
        scale=Scale(".spec.desiredCapacity", ".status.desiredCapacity", ".status.selector"),
    ),
    KindMeta(
        "ScalingPolicy",
        "scalingpolicies",
        "scp",
        (
            _GROUP_NAME,
            _text("TYPE", ".spec.type"),
            _flag("ENABLED", ".spec.enabled"),
            # As text: the column shows the moment, a date column would show a distance.
            _text("NEXT", ".status.schedule.nextTime"),
            *_READY,
            _AGE,
            *_wide(
                _VENDOR,
                _text("ADJUST", ".spec.adjustment.type"),
                _number("VALUE", ".spec.adjustment.value"),
                _text("OBJECT", ".status.cloudObject"),
                _SYNCED,
                _EXTERNAL_ID,
            ),
        ),
        selectable=_BY_ACCOUNT + _BY_GROUP,
    ),
    KindMeta(
        "InstanceOperation",
        "instanceoperations",
        "insop",
        (
            _GROUP_NAME,
            _text("ACTION", ".spec.action"),
            _text("STATUS", ".status.phase"),
            _number("DONE", ".status.succeeded"),
            _number("TOTAL", ".status.total"),
            _number("FAILED", ".status.failed"),
            _AGE,
            *_wide(
                _number("SKIPPED", ".status.skipped"),
                _number("REMAINING", ".status.remaining"),
                _VENDOR,
                _text("ACTIVITY", ".status.currentBatch.activityId"),
                _date("STARTED", ".status.startTime"),
                _date("FINISHED", ".status.completionTime"),
            ),
        ),
        selectable=_BY_GROUP,
    ),
    KindMeta(
        "InstanceRefresh",
        "instancerefreshes",
        "insref",
        (
            _GROUP_NAME,
            _text("MODE", ".spec.mode"),
            _text("STATUS", ".status.phase"),
            _number("BATCH", ".status.batches.current"),
            _number("OF", ".status.batches.total"),
            _number("UPDATED", ".status.instances.updated"),
            _number("FAILED", ".status.instances.failed"),
            _AGE,
            *_wide(
                _VENDOR,
                _text("STATE", ".status.vendorState"),
                _text("DESIRED-STATE", ".spec.desiredState"),
                _EXTERNAL_ID,
            ),
        ),
        selectable=_BY_GROUP,
    ),
)

KINDS = MappingProxyType({meta.kind: meta for meta in _KINDS})

RELEASED_KINDS = ("CloudAccount", "LaunchConfiguration", "ScalingGroup", "ScalingPolicy", "InstanceOperation")
"""Kinds whose CRD is shipped; the models of the others are ahead of their release."""
