"""Shapes of toys."""

from __future__ import annotations

from pydantic import Field

from orrery_wire.schemas import PageQuery, Shape


class ToyIn(Shape):
    """A toy to keep."""

    colour: str = Field(default="red", max_length=40)


class Toy(ToyIn):
    """A toy."""

    name: str


class ToyQuery(PageQuery):
    """Which toys, which page."""

    colour: str = Field(default="", max_length=40)
