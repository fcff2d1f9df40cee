"""JSON of the AS API with the vendor's exact names. Used by client and the translating modules of this folder.

Reading is tolerant: unknown fields are dropped, unknown words stay text, null is allowed wherever nothing hangs on
the value. What a decision hangs on (ids, sizes, states) is required, so a damaged answer is no answer.
Writing is strict: unknown names are refused, and only what was set is sent; zero and "" are values.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]  # a negative count is a damaged answer, not a small one
Name = Annotated[str, Field(min_length=1)]


class Row(BaseModel):
    """Anything that is read."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class Body(BaseModel):
    """Anything that is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def encode(self) -> bytes:
        return self.model_dump_json(by_alias=True, exclude_unset=True, exclude_none=True).encode()


# --- groups ----------------------------------------------------------------------------------------------------------


class Id(Row):
    id: str | None = None


class AddressPair(Row):
    ip_address: str | None = None


class Network(Row):
    id: str
    ipv6_enable: bool | None = None
    ipv6_bandwidth: Id | None = None
    allowed_address_pairs: list[AddressPair] | None = None


class Listener(Row):
    pool_id: Name
    protocol_port: int
    weight: int | None = None
    protocol_version: str | None = None


class Tag(Row):
    key: str
    value: str | None = None


class ScalingGroup(Row):
    scaling_group_id: Name
    scaling_group_name: str
    scaling_group_status: str
    current_instance_number: Count
    desire_instance_number: Count
    min_instance_number: Count
    max_instance_number: Count
    is_scaling: bool
    scaling_configuration_id: str | None = None
    cool_down_time: int | None = None
    available_zones: list[str] | None = None
    networks: list[Network] | None = None
    security_groups: list[Id] | None = None
    lb_listener_id: str | None = None
    lbaas_listeners: list[Listener] | None = None
    create_time: str | None = None
    vpc_id: str | None = None
    detail: str | None = None
    health_periodic_audit_method: str | None = None
    health_periodic_audit_time: int | None = None
    health_periodic_audit_grace_period: int | None = None
    instance_terminate_policy: str | None = None
    delete_publicip: bool | None = None
    delete_volume: bool | None = None
    enterprise_project_id: str | None = None
    activity_type: str | None = None
    multi_az_priority_policy: str | None = None
    description: str | None = None
    iam_agency_name: str | None = None
    tags: list[Tag] | None = None


class ScalingGroups(Row):
    total_number: Count
    scaling_groups: list[ScalingGroup] | None


class OneScalingGroup(Row):
    scaling_group: ScalingGroup


class GroupId(Row):
    scaling_group_id: Name


class NetworkBody(Body):
    id: str
    ipv6_enable: bool | None = None
    ipv6_bandwidth: dict[str, str] | None = None
    allowed_address_pairs: list[dict[str, str]] | None = None


class ListenerBody(Body):
    pool_id: str
    protocol_port: int
    weight: int
    protocol_version: str | None = None


class TagBody(Body):
    key: str
    value: str | None = None


class GroupBody(Body):
    """Create and update; `vpc_id` and `tags` exist only in a create."""

    scaling_group_name: str | None = None
    scaling_configuration_id: str | None = None
    desire_instance_number: int | None = None
    min_instance_number: int | None = None
    max_instance_number: int | None = None
    cool_down_time: int | None = None
    available_zones: list[str] | None = None
    networks: list[NetworkBody] | None = None
    security_groups: list[dict[str, str]] | None = None
    lb_listener_id: str | None = None
    lbaas_listeners: list[ListenerBody] | None = None
    vpc_id: str | None = None
    health_periodic_audit_method: str | None = None
    health_periodic_audit_time: int | None = None
    health_periodic_audit_grace_period: int | None = None
    instance_terminate_policy: str | None = None
    delete_publicip: bool | None = None
    delete_volume: bool | None = None
    enterprise_project_id: str | None = None
    multi_az_priority_policy: str | None = None
    description: str | None = None
    iam_agency_name: str | None = None
    tags: list[TagBody] | None = None


class TagsBody(Body):
    action: str
    tags: list[TagBody]


class ActionBody(Body):
    action: str


# --- instances -------------------------------------------------------------------------------------------------------


class GroupInstance(Row):
    instance_id: str | None = None
    instance_name: str | None = None
    life_cycle_state: str
    health_status: str | None = None
    scaling_configuration_id: str | None = None
    create_time: str | None = None
    protect_from_scaling_down: bool | None = None


class GroupInstances(Row):
    total_number: Count
    scaling_group_instances: list[GroupInstance] | None


class InstancesActionBody(Body):
    instances_id: list[str]
    action: str
    instance_delete: str | None = None
    instance_append: str | None = None


# --- account ---------------------------------------------------------------------------------------------------------


class QuotaResource(Row):
    type: str
    used: int | None = None
    quota: int | None = None


class QuotaResources(Row):
    resources: list[QuotaResource]


class Quotas(Row):
    quotas: QuotaResources


class Version(Row):
    id: str
    status: str = ""


class Versions(Row):
    versions: list[Version]


class OneVersion(Row):
    version: Version


class Project(Row):
    id: Name
    name: str
    domain_id: str = ""


class Projects(Row):
    projects: list[Project]


class Domain(Row):
    id: str = ""


class TokenProject(Row):
    id: Name
    name: str = ""
    domain: Domain = Domain()


class Token(Row):
    expires_at: str
    project: TokenProject


class OneToken(Row):
    token: Token
