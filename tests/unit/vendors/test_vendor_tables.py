"""The field tables of all vendors: complete, without strangers, and free of other vendors' blocks."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from vendors_rig import KEY, FixedClock, OpenGate

from cloudscaling.api.v1alpha1 import LaunchConfiguration, ScalingGroup, ScalingPolicy
from cloudscaling.core.accept import BLOCKS
from cloudscaling.core.fields import Support, Table
from cloudscaling.core.model import InstanceAction
from cloudscaling.ports import AccountConfig, Capabilities
from cloudscaling.vendors import VENDORS


def capabilities(vendor: str, **limits: int) -> Capabilities:
    config = AccountConfig(vendor, "region-1", KEY, **limits)  # type: ignore[arg-type]  # limits only
    return VENDORS[vendor].build(config, OpenGate(), FixedClock()).capabilities


def tables(vendor: str) -> list[tuple[str, Table, type[BaseModel]]]:
    found = capabilities(vendor)
    return [
        ("group", found.group_fields, ScalingGroup),
        ("configuration", found.launch_configuration_fields, LaunchConfiguration),
        ("policy", found.policy_fields, ScalingPolicy),
    ]


def spec_of(resource: type[BaseModel]) -> type[BaseModel]:
    spec = resource.model_fields["spec"].annotation
    assert isinstance(spec, type)
    assert issubclass(spec, BaseModel)
    return spec


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType) or hasattr(annotation, "__metadata__"):
        for part in get_args(annotation):
            yield from models_in(part)


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Paths of a spec as they stand in YAML; lists and maps are leaves."""
    for name, info in model.model_fields.items():
        path = f"{prefix}{info.alias or name}"
        inner = list(models_in(info.annotation))
        if inner:
            yield from leaves(inner[0], f"{path}.")
        else:
            yield path


CASES = [(vendor, *case) for vendor in VENDORS for case in tables(vendor)]


@pytest.mark.parametrize(("vendor", "kind", "table", "resource"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_every_field_of_the_api_is_in_the_table(
    vendor: str, kind: str, table: Table, resource: type[BaseModel]
) -> None:
    """A new field is decided on for every vendor, on purpose."""
    block = capabilities(vendor).block
    others = tuple(f"{other}." for other in BLOCKS if other != block)
    unknown = [
        path
        for path in leaves(spec_of(resource))
        if not path.startswith(others)
        and path not in others
        and not any(path == known or path.startswith(f"{known}.") for known in table)
    ]
    assert unknown == []


@pytest.mark.parametrize(("vendor", "kind", "table", "resource"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_every_row_of_the_table_is_a_field_of_the_api(
    vendor: str, kind: str, table: Table, resource: type[BaseModel]
) -> None:
    """A misspelt path would serve nothing."""
    known = set(leaves(spec_of(resource)))
    inner = {path.rsplit(".", 1)[0] for path in known}
    ancestors = known | inner | {path.split(".", 1)[0] for path in known}
    assert [path for path in table if "[]" not in path and path not in ancestors] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_refusal_names_an_alternative(vendor: str) -> None:
    """ "The vendor lacks it" alone helps nobody."""
    for _, table, _ in tables(vendor):
        for path, rule in table.items():
            if rule.support is Support.UNSUPPORTED:
                assert rule.hint, path


@pytest.mark.parametrize("vendor", VENDORS)
def test_limits_of_the_account_win(vendor: str) -> None:
    """A raised quota and a smaller batch are known to the planner."""
    found = capabilities(vendor, max_group_size=1000, instance_batch_size=5, instance_remove_batch_size=7)
    assert found.max_group_size == 1000
    assert found.batch_sizes[InstanceAction.ADD] == 5
    assert found.batch_sizes[InstanceAction.DETACH] == found.batch_sizes[InstanceAction.REMOVE] == 7


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_public_endpoint_holds_the_region(vendor: str) -> None:
    """Unless the account names its own, which loses a closing slash."""
    assert ".region-1." in VENDORS[vendor].endpoint(AccountConfig(vendor, "region-1", KEY))
    own = AccountConfig(vendor, "region-1", KEY, autoscaling_endpoint="https://as.example.com/")
    assert VENDORS[vendor].endpoint(own) == "https://as.example.com"
