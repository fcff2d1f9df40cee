"""A resource as a value: with other field values, and its spec as JSON. Called by the planners and by engine."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

from cloudscaling.core.model import Json

M = TypeVar("M", bound=BaseModel)


def evolve(model: M, changes: dict[str, Any]) -> M:
    """`model` with other field values; an unknown field name is a bug and raises."""
    unknown_names = changes.keys() - type(model).model_fields.keys()
    if unknown_names:
        raise KeyError(f"{type(model).__name__} has no field {sorted(unknown_names)}")
    return model.model_copy(update=changes)


def spec_json(spec: BaseModel) -> dict[str, Json]:
    """The spec as it stands in YAML, without what is not given."""
    return spec.model_dump(by_alias=True, exclude_none=True, mode="json")
