"""Write checks: ``python -m orrery_engine.checks --format pandera`` with JSON on standard input.

The input is ``{"suite": Suite}``, or ``{"result": Result, "columns": [ColumnProfile, ...]}`` to suggest one.
"""

from __future__ import annotations

import argparse
import sys
from typing import get_args

from pydantic import ValidationError

from orrery_engine.checks import render, suggest
from orrery_engine.schemas import ChecksFormat, ColumnProfile, Overview, Result, Suite
from orrery_wire.schemas import Shape


class Given(Shape):
    """What comes on standard input."""

    suite: Suite | None = None
    result: Result | None = None
    columns: tuple[ColumnProfile, ...] = ()


def main() -> int:
    """The exit code; what is written goes to standard output."""
    parser = argparse.ArgumentParser(prog="python -m orrery_engine.checks")
    parser.add_argument("--format", choices=get_args(ChecksFormat), default="pandera")
    parser.add_argument("--table", default="data")
    parser.add_argument("--database", choices=("duckdb", "sqlite", "postgresql"), default="duckdb")
    options = parser.parse_args()
    try:
        given = Given.model_validate_json(sys.stdin.buffer.read())
    except ValidationError as problem:
        sys.stderr.write(f"The input is not a suite and not a result: {problem}\n")
        return 2
    suite = given.suite or _suggested(given)
    written = render(suite, options.format, options.table, options.database)
    sys.stdout.buffer.write(written.content.encode())
    return 0


def _suggested(given: Given) -> Suite:
    result = given.result
    overview = (result.overview if result else None) or Overview(columns=len(given.columns))
    name = (result.run.source.name or "checks") if result else "checks"
    return suggest(overview, given.columns, name)


if __name__ == "__main__":
    sys.exit(main())
