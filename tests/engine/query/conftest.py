"""A runner of statements on an event loop of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from orrery_engine.catalog.spec import DatabaseSpec, Password
from orrery_engine.preview.pool import PreviewPool
from orrery_engine.query.result import QueryLimits, QueryResult
from orrery_engine.query.runner import COMMAND, Lake, QueryRunner, Target
from tests.engine.catalog.conftest import database as database
from tests.engine.catalog.conftest import database_specs as database_specs


class Statements:
    """Statements, run one after the other."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.runner = QueryRunner(PreviewPool(1, module=COMMAND))

    def run(self, work: Any) -> Any:
        """What a coroutine returns."""
        return self.loop.run_until_complete(work)

    def __call__(
        self,
        spec: DatabaseSpec | None,
        statement: str,
        values: dict[str, Any] | None = None,
        *,
        password: str = "",
        lake: Lake | None = None,
        **limits: Any,
    ) -> QueryResult:
        """The rows of a statement."""
        target = Target(spec, Password(password), lake)
        bounds = QueryLimits(**{"rows": 1_000, "seconds": 20, **limits})
        return self.run(self.runner.run(target, statement, values or {}, bounds))

    def close(self) -> None:
        """End the workers."""
        self.run(self.runner.close())
        self.loop.close()


@pytest.fixture(scope="session")
def statements() -> Iterator[Statements]:
    """A runner with a worker."""
    own = Statements()
    yield own
    own.close()
