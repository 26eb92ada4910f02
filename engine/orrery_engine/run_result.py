"""A run and all that it found, as the history keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from orrery_engine.columns import EMPTY, LazyColumns
from orrery_engine.schemas import CheckResults, Comparison, Overview, Result, Run


@dataclass(frozen=True)
class RunResult:
    """What a run found, with its columns; ``against`` has those of the reference side."""

    run: Run
    overview: Overview | None = None
    comparison: Comparison | None = None
    checks: CheckResults | None = None
    columns: LazyColumns = EMPTY
    against: LazyColumns = EMPTY

    def result(self) -> Result:
        """The result without the columns."""
        return Result.model_construct(
            run=self.run,
            overview=self.overview,
            comparison=self.comparison,
            checks=self.checks,
        )
