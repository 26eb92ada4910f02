"""A loop inside a test fails as tests of their own would, and budgets count what they should."""

from __future__ import annotations

import inspect

import pytest

from tests.budgets import Budgets, budget_of, folder_of
from tests.groups import group_of
from tests.loops import each


def test_every_value_is_tried_and_every_failure_is_named() -> None:
    seen = []

    @each("number", range(5))
    def even(number: int, tmp_path: str) -> None:
        seen.append((number, tmp_path))
        assert number % 2 == 0

    assert list(inspect.signature(even).parameters) == ["tmp_path"]
    with pytest.raises(ExceptionGroup, match="2 of 5 values") as caught:
        even(tmp_path="here")
    assert seen == [(number, "here") for number in range(5)]
    assert [problem.__notes__ for problem in caught.value.exceptions] == [
        ["with number = 1"],
        ["with number = 3"],
    ]


def test_one_failure_is_raised_as_it_is() -> None:
    @each("first, second", [("a", "a"), ("a", "b")])
    def same(first: str, second: str) -> None:
        if first != second:
            pytest.fail("not the same")

    with pytest.raises(AssertionError, match="not the same") as caught:
        same()
    assert caught.value.__notes__ == ["with first, second = 'a', 'b'"]


def test_a_loop_over_nothing_is_a_failure() -> None:
    @each("value", [])
    def never(value: object) -> None:
        raise NotImplementedError

    with pytest.raises(AssertionError, match="no value"):
        never()


def test_a_test_counts_for_the_nearest_folder_that_has_a_budget() -> None:
    budgets = {"server": 10.0, "server/eda": 5.0}
    assert folder_of("tests/server/eda/test_x.py::TestY::test_z") == "server/eda"
    assert folder_of("tests/test_wheel.py::test_z") == "test_wheel.py"
    assert budget_of("server/eda", budgets, 1.0) == ("server/eda", 5.0)
    assert budget_of("server/base", budgets, 1.0) == ("server", 10.0)
    assert budget_of("pipelines", budgets, 1.0) == ("pipelines", 1.0)


def test_set_up_call_and_tear_down_are_added_up() -> None:
    counted = Budgets()
    for node, seconds in (("tests/x/test_a.py::a", 1.0), ("tests/x/test_a.py::a", 2.0)):
        counted.by_test[node] += seconds
    assert counted.spent() == {"x": (3.0, counted.default)}


def test_files_that_share_a_server_or_a_person_have_one_group() -> None:
    assert group_of("tests/ui/test_snippets.py") == group_of("tests/ui/test_projects.py") == "ui"
    assert group_of("tests/security/test_xsrf.py") == "security"
    for alone in ("tests/security/test_markup.py", "tests/hub/test_hub.py", "tests/test_wheel.py"):
        assert group_of(alone) == alone
