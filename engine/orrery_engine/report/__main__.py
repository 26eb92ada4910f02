"""Write a report: ``python -m orrery_engine.report --format html`` with JSON on standard input.

The input is ``{"result": Result, "columns": [ColumnProfile, ...], "variables": {"--jp-...": "..."}}``.
"""

from __future__ import annotations

import argparse
import sys
from typing import get_args

from pydantic import Field, ValidationError

from orrery_engine.report import render
from orrery_engine.schemas import ColumnProfile, ReportFormat, Result
from orrery_wire.schemas import Shape


class Given(Shape):
    """What comes on standard input."""

    result: Result
    columns: tuple[ColumnProfile, ...] = ()
    variables: dict[str, str] = Field(default_factory=dict)


def main() -> int:
    """The exit code; the report goes to standard output."""
    parser = argparse.ArgumentParser(prog="python -m orrery_engine.report")
    parser.add_argument("--format", choices=get_args(ReportFormat), default="html")
    parser.add_argument("--brief", action="store_true", help="only what fits into an output")
    options = parser.parse_args()
    try:
        given = Given.model_validate_json(sys.stdin.buffer.read())
    except ValidationError as problem:
        sys.stderr.write(f"The input is not a result: {problem}\n")
        return 2
    report = render(
        given.result,
        given.columns,
        options.format,
        brief=options.brief,
        variables=given.variables,
    )
    sys.stdout.buffer.write(report.content.encode("utf-8", "backslashreplace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
