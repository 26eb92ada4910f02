"""The shapes that every capability's shapes are made of."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

T = TypeVar("T")

_FIELDS = 200
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


def build_shapes(root: type[Shape] = Shape) -> None:
    """Build the validators of every shape now, instead of at their first use.

    For a service that starts once and answers many: FastAPI inspects a shape when a route is added, and warns about
    field metadata if the shape is not built by then.
    """
    for shape in root.__subclasses__():
        shape.model_config["defer_build"] = False
        shape.model_rebuild()
        build_shapes(shape)


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
