"""What every shape has in common."""

from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from orrery_wire.schemas import Page, Shape


class One(Shape):
    """A shape."""

    number: float


def test_a_shape_cannot_be_changed_and_knows_its_fields() -> None:
    one = One(number=1)
    with pytest.raises(ValidationError, match="frozen"):
        one.number = 2
    with pytest.raises(ValidationError, match="extra"):
        One.model_validate({"number": 1, "other": 2})


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_is_a_number(text: str) -> None:
    with pytest.raises(ValidationError):
        One.model_validate_json(f'{{"number": {text}}}')


def test_many_unknown_fields_are_refused_at_once() -> None:
    raw = {str(number): 0 for number in range(200_000)}
    before = time.process_time()
    with pytest.raises(ValidationError) as caught:
        One.model_validate(raw)
    assert time.process_time() - before < 0.2
    assert caught.value.error_count() == 1


def test_a_page_says_which_part_it_is() -> None:
    page = Page[One](items=(One(number=1),), total=5, offset=4, limit=1)
    assert Page[One].model_validate_json(page.model_dump_json()) == page
    with pytest.raises(ValidationError):
        Page[One](items=(), total=-1, offset=0, limit=1)
