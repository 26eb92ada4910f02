"""An error that crosses the network as its body is the same error on the other side."""

from __future__ import annotations

import json

import pytest

from orrery_wire import common_errors, errors
from orrery_wire.errors import Invalid, OrreryError

CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, OrreryError)
]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_returns_from_its_body(kind: type[OrreryError]) -> None:
    error = kind("What", reason="why", remedy="do", details={"a": 1})
    read = OrreryError.from_body(json.loads(json.dumps(error.body("r1"))), error.status)
    assert type(read) is kind
    assert read.body() == error.body()
    assert read.status == error.status
    assert str(read) == "What\n  why\n  do"


def test_a_subclass_without_a_code_of_its_own_is_not_taken_for_its_parent() -> None:
    class Special(Invalid):
        """An error that no server sends."""

    assert type(OrreryError.from_body({"code": "invalid", "message": "x"})) is Invalid
    assert type(Special.from_body({"code": "invalid", "message": "x"})) is Special


def test_an_unknown_code_is_kept_with_the_status() -> None:
    error = OrreryError.from_body({"code": "teapot", "message": "Short"}, 418)
    assert (type(error), error.code, error.status) == (OrreryError, "teapot", 418)
    assert (OrreryError.code, OrreryError.status) == ("internal_error", 500)


@pytest.mark.parametrize("body", [{}, {"details": [1], "message": None, "reason": None}])
def test_an_empty_body_still_says_something(body: dict[str, object]) -> None:
    error = OrreryError.from_body(body, 502)
    assert error.message == "The server answered with HTTP status 502"
    assert (error.reason, error.details) == ("", {})


def test_fields_can_be_encoded_and_are_limited() -> None:
    problems = [(("a", n), "wrong \ud800") for n in range(60)]
    error = common_errors.invalid_fields(problems)
    json.dumps(error.body(), ensure_ascii=False).encode()
    assert len(error.details["fields"]) == 50
    assert error.reason.startswith("a.0: wrong ?; a.1: wrong ?")


def test_the_size_is_said_where_it_is_known() -> None:
    assert common_errors.too_large(1_000).reason == "The limit is 1,000 bytes."
    assert (
        common_errors.too_large(1_000, 2_000).reason
        == "It has 2,000 bytes; the limit is 1,000 bytes."
    )
