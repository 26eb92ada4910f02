"""A property that holds for each of many values, as one test instead of one test per value."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest


def each(names: str, values: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """``pytest.mark.parametrize`` as a loop inside the test: a failure names every value that fails.

    Hundreds of hostile texts as tests of their own cost seconds of collection in every worker and
    say no more. Function-scoped fixtures are made once for the whole loop.
    """
    parameters = [name.strip() for name in names.split(",")]
    cases: Sequence[tuple[Any, ...]] = [
        (value,) if len(parameters) == 1 else tuple(value) for value in values
    ]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def loop(*fixtures: Any, **by_name: Any) -> None:
            failures: list[Exception] = []
            for case in cases:
                try:
                    test(*fixtures, **by_name, **dict(zip(parameters, case, strict=True)))
                except (Exception, pytest.fail.Exception) as problem:  # noqa: BLE001 - all are reported
                    failure = problem if isinstance(problem, Exception) else AssertionError(problem)
                    failure.add_note(f"with {names} = {', '.join(map(ascii, case))}")
                    failures.append(failure)
            assert cases, f"no value of {names} at all"
            if len(failures) == 1:
                raise failures[0]
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(cases)} values", failures[:20])

        signature = inspect.signature(test)
        rest = [value for name, value in signature.parameters.items() if name not in parameters]
        setattr(loop, "__signature__", signature.replace(parameters=rest))  # noqa: B010 - no attribute that mypy knows
        del loop.__wrapped__  # pytest would look through it
        return loop

    return decorate
