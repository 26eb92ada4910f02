"""The shapes that every capability's shapes are made of, and what the server says of itself."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

T = TypeVar("T")

_FIELDS = 200


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


class Page(Shape, Generic[T]):
    """One page of a list that is cut on the server."""

    items: tuple[T, ...]
    total: int = Field(ge=0, description="How many there are in all, over every page.")
    offset: int = Field(ge=0)
    limit: int = Field(ge=1)


class Status(Shape):
    """What is installed and for whom."""

    version: str
    hub: bool = Field(description="Whether projects and snippets live at a hub.")
    user: str
    capabilities: tuple[str, ...]
