"""What every model of a custom resource is made of.

Used by the models of api/v1alpha1, read back by schema. Knows nothing of any kind, of the API server or of
clouds. Types are checked here; lengths, ranges, patterns and CEL rules are written down here and
checked by the API server, so that an object stored under an older schema can still be read.
"""

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

from cloudscaling.api.meta import API_VERSION

T = TypeVar("T")
Json = dict[str, Any]

DEFAULT_MAX_LENGTH = 256
DNS_LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
DECIMAL = "^-?[0-9]+([.][0-9]+)?$"

# Words of our field names whose camelCase is not their plain capital form.
_UNITS = {"gib": "GiB", "mibps": "MiBps"}


def camel(name: str) -> str:
    """The name of a field in YAML: `size_gib` becomes `sizeGiB`, `from_` becomes `from`."""
    head, *rest = name.strip("_").split("_")
    return head + "".join(_UNITS.get(word, word.capitalize()) for word in rest)


@dataclass(frozen=True, slots=True)
class Rule:
    """One CEL rule of a model or, put there by Annotated, of a field; `id` is its name in tests."""

    id: str
    expression: str
    message: str
    optional_old_self: bool = False


@dataclass(frozen=True, slots=True, eq=False)  # typing hashes what stands in Annotated
class Schema:
    """Schema keywords put on a type by Annotated; of two, the outer one wins."""

    keywords: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Immutable:
    """The field cannot be changed after creation; `instead` is what to do when it has to."""

    instead: str = "create another {kind}"


def text(max_length: int = DEFAULT_MAX_LENGTH, *, min_length: int = 0, pattern: str = "") -> Schema:
    """Bounds of a string."""
    keywords: Json = {"maxLength": max_length}
    if min_length:
        keywords["minLength"] = min_length
    if pattern:
        keywords["pattern"] = pattern
    return Schema(keywords)


def between(minimum: int | None = None, maximum: int | None = None) -> Schema:
    """Bounds of an integer, both inclusive."""
    bounds = {"minimum": minimum, "maximum": maximum}
    return Schema({key: bound for key, bound in bounds.items() if bound is not None})


def one_of(*values: str | int, of: Iterable[str] = ()) -> Schema:
    """Allowed values of a field whose type stays open, so that an unknown value can still be read."""
    return Schema({"enum": [*values, *(str(value) for value in of)]})


def atomic(max_items: int, *, min_items: int = 0) -> Schema:
    """A list that is replaced as a whole."""
    return _list("atomic", max_items, min_items)


def unordered(max_items: int, *, min_items: int = 0) -> Schema:
    """A list of scalars without order and without duplicates (list type `set`)."""
    return _list("set", max_items, min_items)


def keyed(max_items: int, *keys: str, min_items: int = 0) -> Schema:
    """A list of objects told apart by the members named (list type `map`)."""
    listing = _list("map", max_items, min_items)
    return Schema({**listing.keywords, "x-kubernetes-list-map-keys": list(keys)})


def entries(max_properties: int) -> Schema:
    """The size of a string map."""
    return Schema({"maxProperties": max_properties})


def _list(kind: str, max_items: int, min_items: int) -> Schema:
    keywords: Json = {"maxItems": max_items, "x-kubernetes-list-type": kind}
    if min_items:
        keywords["minItems"] = min_items
    return Schema(keywords)


def _in_utc(moment: datetime) -> datetime:
    """A time without offset is read as UTC; the API server lets none through."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("time out of range") from error


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


Time = Annotated[datetime, AfterValidator(_in_utc), PlainSerializer(_rfc3339, when_used="json")]
"""A moment in UTC; written as RFC 3339 in whole seconds, like every time of Kubernetes."""

Int64 = Annotated[int, Schema({"format": "int64"})]
"""An integer that is no count: generations and vendor numbers."""

Decimal = Annotated[str, text(pattern=DECIMAL)]
"""A decimal number as text, because floats do not survive every client."""

_PERCENT = text(4, pattern="^(100|[0-9]{1,2})%$")
IntOrPercent = Annotated[int | str, Schema({**between(0).keywords, **_PERCENT.keywords})]
"""A count, or a share such as `10%`."""

Listing = Annotated[tuple[T, ...], Field(exclude_if=operator.not_)]
"""A list of the status: empty when absent, and left out of the JSON when empty."""


class ApiModel(BaseModel):
    """Base of all models: camelCase outside, frozen, unknown fields are ignored when reading."""

    model_config = ConfigDict(
        alias_generator=camel,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )

    rules: ClassVar[tuple[Rule, ...]] = ()
    """CEL rules of objects of this model."""


class Spec(ApiModel):
    """Base of the specs: what the user writes."""

    mutable_only: ClassVar[tuple[str, ...]] = ()
    """Where given, every other member is immutable, by one rule named `immutable_rule`."""
    immutable_rule: ClassVar[str] = ""


class ObjectMeta(ApiModel):
    """The part of an object's metadata that the operator reads."""

    name: str
    """Name of the object."""
    namespace: str = ""
    """Namespace of the object."""
    uid: str = ""
    """Identity of this very object; a deleted and re-created one has another."""
    generation: int = 0
    """Counter of spec changes."""
    resource_version: str = ""
    """Version for preconditions of writes."""
    creation_timestamp: Time | None = None
    """When the object was created."""
    deletion_timestamp: Time | None = None
    """When deletion was asked for; absent as long as it was not."""
    finalizers: Listing[str] = ()
    """What still holds the object after deletion was asked for."""
    annotations: dict[str, str] = {}
    """Annotations."""
    labels: dict[str, str] = {}
    """Labels."""


class Resource(ApiModel):
    """Base of the six kinds: `spec` and `status` are declared by each."""

    api_version: str = API_VERSION
    """Group and version of the object's schema."""
    kind: str = ""
    """Kind of the object."""
    metadata: ObjectMeta
    """Standard metadata."""
