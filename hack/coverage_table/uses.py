"""The hand-written part, checked: every field, value and command that vendors/huawei/uses.py names exists.

Called by rows.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from cloudscaling.api.schema import kind_schema
from cloudscaling.api.v1alpha1 import MODELS
from cloudscaling.cli import options
from cloudscaling.core.fields import Support
from cloudscaling.core.model import InstanceAction
from cloudscaling.vendors.huawei.profile import Profile
from cloudscaling.vendors.huawei.uses import USES


def of_operation(operation: str, profile: Profile) -> tuple[str, ...]:
    """What uses an operation at one cloud, its own block named."""
    found = (_named(use, profile.block) for use in USES.get(operation, ()))
    return tuple(use for use in found if _offered(use, profile))


def problems() -> Iterator[str]:
    """Every line of the table that names something that does not exist."""
    for operation, uses in USES.items():
        for use in uses:
            text = _wrong(_named(use, "huawei"))
            if text:
                yield f"vendors/huawei/uses.py, {operation}: {text}"


def _named(use: str, block: str) -> str:
    return use.replace("spec.+", f"spec.{block}")


def _wrong(use: str) -> str:
    head, _, rest = use.partition(" ")
    if head == "cloudscaling":
        return "" if _is_command(rest.split()) else f"there is no command {use!r}"
    if head not in MODELS:
        return f"there is no kind {head!r}"
    path, _, value = rest.partition("=")
    schema: Any = kind_schema(MODELS[head]).schema
    for name in path.split("."):
        schema = schema.get("properties", {}).get(name)
        if schema is None:
            return f"{head} has no field {path!r}"
    return "" if not value or value in schema.get("enum", ()) else f"{path} of {head} cannot be {value!r}"


def _offered(use: str, profile: Profile) -> bool:
    """The cloud has the field at all, as its field tables say; what no table has is not sent to any cloud."""
    head, _, rest = use.partition(" ")
    area, _, path = rest.partition("=")[0].partition(".")
    tables = {
        "ScalingGroup": profile.group_fields,
        "LaunchConfiguration": profile.launch_configuration_fields,
        "ScalingPolicy": profile.policy_fields,
    }
    if rest.startswith("spec.action="):
        return rest.partition("=")[2] not in _actions_lacking(profile)
    if area != "spec" or head not in tables:
        return True
    table = tables[head]
    if path in table:
        return table[path].support is not Support.UNSUPPORTED
    own = path.startswith(f"{profile.block}.")
    return not own or any(row.startswith(f"{path}.") for row in table)


def _actions_lacking(profile: Profile) -> frozenset[str]:
    return frozenset(str(action) for action in InstanceAction) - {str(action) for action in profile.actions}


def _is_command(words: list[str]) -> bool:
    parser = argparse.ArgumentParser()
    options.add(parser.add_subparsers())
    while words:
        children = next((a for a in parser._actions if isinstance(a, argparse._SubParsersAction)), None)
        if words[0].startswith("--"):
            return words[0] in parser._option_string_actions
        if children is None or words[0] not in children.choices:
            return False
        parser, words = children.choices[words[0]], words[1:]
    return True
