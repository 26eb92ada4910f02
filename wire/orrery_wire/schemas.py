"""The shapes that every capability's shapes are made of."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

T = TypeVar("T")

_FIELDS = 200
# Where a core schema holds the schemas of its parts.
_PARTS = frozenset(
    [
        "choices",
        "definitions",
        "fields",
        "items_schema",
        "keys_schema",
        "schema",
        "steps",
        "values_schema",
    ]
)
MAX_OFFSET = 1_000_000


class Shape(BaseModel):
    """What crosses a border: frozen, and a field that nobody knows is an error, not a silence."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=False,
        allow_inf_nan=False,
        # A shape is made ready when it is first used, not while the server starts.
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _few_fields(cls, raw: Any) -> Any:
        # Each unknown field would be an error of its own: two hundred thousand of them take seconds to tell.
        if isinstance(raw, dict) and len(raw) > _FIELDS:
            raise ValueError(f"it has more than {_FIELDS} fields")
        return raw

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: CoreSchema = _without_booleans(handler(source), cls)
        return schema


def _without_booleans(node: Any, shape: type[Shape]) -> Any:
    """The core schema in which no number takes ``true`` or ``false``, which pydantic reads as 1 and 0.

    A union that names ``bool`` is left alone, and a nested shape has taken care of itself.
    """
    if isinstance(node, list | tuple):
        return type(node)(_without_booleans(part, shape) for part in node)
    if not isinstance(node, dict):
        return node
    kind = node.get("type")
    if not isinstance(kind, str):  # the fields of a shape by name; one may be called "type"
        return {name: _without_booleans(part, shape) for name, part in node.items()}
    if kind in ("int", "float"):
        return core_schema.no_info_before_validator_function(_no_boolean, node)
    is_done = kind == "function-before" and node["function"]["function"] is _no_boolean
    is_nested = kind == "model" and node["cls"] is not shape
    has_boolean = kind == "union" and any(
        isinstance(choice, dict) and choice["type"] == "bool" for choice in node["choices"]
    )
    if is_done or is_nested or has_boolean:
        return node
    return {
        key: _without_booleans(part, shape) if key in _PARTS else part for key, part in node.items()
    }


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("number_type", "Input should be a number, not a truth value")
    return value


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def build_shapes(root: type[Shape] = Shape) -> None:
    """Build the validators of every shape now, instead of at their first use.

    For a service that starts once and answers many: FastAPI inspects a shape when a route is added, and warns about
    field metadata if the shape is not built by then.
    """
    for shape in root.__subclasses__():
        shape.model_config["defer_build"] = False
        shape.model_rebuild()
        build_shapes(shape)


def _require_date(value: object) -> object:
    # Pydantic takes a number for seconds or milliseconds since 1970, which the API does not promise.
    is_number = isinstance(value, bool | int | float)
    if is_number or (isinstance(value, str) and "-" not in value[1:]):
        raise ValueError("it is no date and time such as 2026-01-31T12:00:00Z")
    return value


def _in_utc(value: datetime) -> datetime:
    # A time of the first or the last day of all may have none in UTC, in which it is stored.
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is before the year 1 or after the year 9999 in UTC") from None


def is_storable(text: str) -> bool:
    """Whether every database stores the text: PostgreSQL has no NUL, and a lone surrogate is in no encoding."""
    return _UNSTORABLE.search(text) is None


def _storable(value: str) -> str:
    if not is_storable(value):
        raise ValueError("it contains a character that cannot be stored: code 0 or half a pair")
    return value


def _searchable(value: str) -> str:
    # Nothing that is stored has it, so a search for it finds what another unknown character would.
    return _UNSTORABLE.sub("\ufffd", value)


Moment = Annotated[AwareDatetime, BeforeValidator(_require_date), AfterValidator(_in_utc)]
Day = Annotated[date, BeforeValidator(_require_date)]
StorableText = Annotated[str, AfterValidator(_storable)]
# What is compared with stored text, and never stored.
SearchText = Annotated[str, AfterValidator(_searchable)]


class Page(Shape, Generic[T]):
    """One page of a list that is cut on the server."""

    items: tuple[T, ...]
    total: int = Field(ge=0, description="How many there are in all, over every page.")
    offset: int = Field(ge=0)
    limit: int = Field(ge=1)


class PageQuery(Shape):
    """Which page of a list; a capability's query adds what the list can be filtered by."""

    offset: int = Field(default=0, ge=0, le=MAX_OFFSET)
    limit: int = Field(default=50, ge=1, le=200)
