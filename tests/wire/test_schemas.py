"""Every shape that crosses the network refuses a truth value where it has a number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

import orrery_server.app
import orrery_server.base.schemas
import orrery_server.snippets.backends.git  # noqa: F401 - each import makes shapes known
from orrery_engine.schemas import Options
from orrery_wire.schemas import Page, Shape
from orrery_wire.snippets import SnippetIn


def shapes(root: type[Shape] = Shape) -> Iterator[type[Shape]]:
    for shape in root.__subclasses__():
        if shape.__module__.startswith("orrery_"):
            yield shape
            yield from shapes(shape)


def numbers(schema: dict[str, Any], value: Any = True) -> Iterator[Any]:
    """Values that hold a truth value where a JSON schema of a field has a number and nothing else."""
    choices = schema.get("anyOf", [schema])
    if any(choice.get("type") in ("boolean", "string") for choice in choices):
        return
    for choice in choices:
        if choice.get("type") in ("integer", "number") and "const" not in choice:
            yield value
        elif choice.get("type") == "array" and isinstance(choice.get("items"), dict):
            yield from ([item] for item in numbers(choice["items"], value))
        elif isinstance(choice.get("additionalProperties"), dict):
            yield from ({"key": item} for item in numbers(choice["additionalProperties"], value))


def cases() -> Iterator[tuple[type[Shape], str, Any]]:
    for shape in shapes():
        for name, schema in shape.model_json_schema()["properties"].items():
            yield from ((shape, name, value) for value in numbers(schema))


def test_no_number_takes_a_truth_value() -> None:
    taken, count = [], 0
    for shape, name, value in cases():
        count += 1
        with pytest.raises(ValidationError) as caught:
            # Of the shape's other fields none is given, so that it is refused in any case.
            shape.model_validate({name: value, "no such field": 1})
        wrong = {error["loc"][0] for error in caught.value.errors()}
        if name not in wrong:
            taken.append(f"{shape.__name__}.{name}")
    assert taken == []
    assert count > 100


def test_a_nested_shape_and_a_generic_page_take_none() -> None:
    class Inner(BaseModel):
        options: Options

    for shape, json in (
        (Inner, '{"options": {"sample": true}}'),
        (Page[Options], '{"items": [{"seconds": true}], "total": 1, "offset": 0, "limit": 1}'),
        (Page[Options], '{"items": [], "total": true, "offset": 0, "limit": 1}'),
        (SnippetIn, '{"base_version": true, "name": "a", "cells": [{"source": "x"}]}'),
    ):
        with pytest.raises(ValidationError, match="not a truth value"):
            shape.model_validate_json(json)


def test_numbers_of_a_query_are_still_read_from_text() -> None:
    assert (
        Page[Options].model_validate({"items": [], "total": "3", "offset": 0, "limit": 1}).total
        == 3
    )
    assert Options.model_validate({"sample": 5, "seconds": 2}).seconds == 2.0
