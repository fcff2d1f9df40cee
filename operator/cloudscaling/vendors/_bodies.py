"""Bodies of writes, looked at before anything is sent. Called by the translating modules of the vendors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from cloudscaling import errors
from cloudscaling.core.model import Json

Body = TypeVar("Body", bound=BaseModel)


def checked(shape: type[Body], fields: Mapping[str, Json]) -> Body:
    """The body that `fields` stand for; Rejected when the vendor's shape has no room for one of them."""
    try:
        return shape.model_validate(fields)
    except ValidationError as failure:
        wrong = failure.errors(include_input=False)[0]
        where = ".".join(str(part) for part in wrong["loc"])
        raise errors.Rejected(f"not sent, {where}: {wrong['msg']}") from None
