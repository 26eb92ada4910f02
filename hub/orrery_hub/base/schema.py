"""The two shapes that every capability's shapes are made of."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class Shape(BaseModel):
    """What crosses a border: frozen, and a field that nobody knows is an error, not a silence."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=False, allow_inf_nan=False
    )


class Page(Shape, Generic[T]):
    """One page of a list that is cut on the server."""

    items: tuple[T, ...]
    total: int = Field(ge=0, description="How many there are in all, over every page.")
    offset: int = Field(ge=0)
    limit: int = Field(ge=1)
