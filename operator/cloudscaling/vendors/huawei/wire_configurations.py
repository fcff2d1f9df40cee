"""JSON of launch configurations; rules as in wire.py. Used by client and configurations."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from cloudscaling.vendors.huawei.wire import Body, Count, Id, Name, Row


class Disk(Row):
    size: int | None = None
    volume_type: str | None = None
    disk_type: str | None = None
    dedicated_storage_id: str | None = None
    data_disk_image_id: str | None = None
    snapshot_id: str | None = None
    metadata: dict[str, Any] | None = None
    iops: int | None = None
    throughput: int | None = None


class File(Row):
    path: str


class Bandwidth(Row):
    size: int | None = None
    share_type: str | None = None
    charging_mode: str | None = None
    id: str | None = None


class Eip(Row):
    ip_type: str | None = None
    bandwidth: Bandwidth | None = None


class PublicIp(Row):
    eip: Eip | None = None


class InstanceConfig(Row):
    """user_data, passwords and the contents of files are secrets: it is kept whether there are any, nothing more."""

    instance_id: str | None = None
    flavorRef: str | None = None
    imageRef: str | None = None
    disk: list[Disk] | None = None
    key_name: str | None = None
    personality: list[File] | None = None
    public_ip: PublicIp | None = None
    security_groups: list[Id] | None = None
    server_group_id: str | None = None
    tenancy: str | None = None
    dedicated_host_id: str | None = None
    multi_flavor_priority_policy: str | None = None
    market_type: str | None = None
    user_data: Annotated[bool, BeforeValidator(bool)] = False
    adminPass: Annotated[bool, BeforeValidator(bool)] = False


class ScalingConfiguration(Row):
    scaling_configuration_id: Name
    scaling_configuration_name: str
    instance_config: InstanceConfig | None = None
    create_time: str | None = None


class ScalingConfigurations(Row):
    total_number: Count
    scaling_configurations: list[ScalingConfiguration] | None


class OneScalingConfiguration(Row):
    scaling_configuration: ScalingConfiguration


class ConfigurationId(Row):
    scaling_configuration_id: Name


class DiskBody(Body):
    size: int | None = None
    volume_type: str | None = None
    disk_type: str
    dedicated_storage_id: str | None = None
    data_disk_image_id: str | None = None
    snapshot_id: str | None = None
    metadata: dict[str, str] | None = None
    iops: int | None = None
    throughput: int | None = None


class FileBody(Body):
    path: str
    content: str


class InstanceConfigBody(Body):
    instance_id: str | None = None
    flavorRef: str | None = None
    imageRef: str | None = None
    disk: list[DiskBody] | None = None
    key_name: str | None = None
    personality: list[FileBody] | None = None
    public_ip: dict[str, Any] | None = None
    user_data: str | None = None
    metadata: dict[str, str] | None = None
    security_groups: list[dict[str, str]] | None = None
    server_group_id: str | None = None
    tenancy: str | None = None
    dedicated_host_id: str | None = None
    multi_flavor_priority_policy: str | None = None
    market_type: str | None = None


class ConfigurationBody(Body):
    scaling_configuration_name: str
    instance_config: InstanceConfigBody


class ConfigurationIdsBody(Body):
    scaling_configuration_id: list[str]  # the vendor's singular name of a list
