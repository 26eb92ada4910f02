"""From a profile to checks: what the data promise, as a suite, and the suite as code or as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

from orrery_engine.checks import expectations, pandera, sql
from orrery_engine.checks.suggest import suggest
from orrery_engine.quoting import Database
from orrery_engine.schemas import (
    Checks,
    ChecksFormat,
    ColumnProfile,
    Overview,
    Run,
    Suite,
)
from orrery_wire.errors import Conflict, Invalid

__all__ = ["from_profile", "render", "require_format", "suggest"]

_ENDINGS = {
    "pandera": ".py",
    "sql": ".sql",
    "great_expectations": ".json",
    "json": ".json",
}


def render(
    suite: Suite, format: ChecksFormat, table: str = "data", database: Database = "duckdb"
) -> Checks:
    """The suite in a format. Names and values of data are literals in it, never code."""
    if format == "pandera":
        content = pandera.module(suite)
    elif format == "sql":
        content = sql.script(suite, table, database)
    elif format == "great_expectations":
        content = expectations.document(suite)
    else:
        content = suite.model_dump_json(indent=2, exclude_defaults=True) + "\n"
    return Checks(suite=suite, format=format, name=_file(suite.name, format), content=content)


def from_profile(
    run: Run,
    overview: Overview | None,
    columns: Sequence[ColumnProfile],
    format: ChecksFormat,
) -> Checks:
    """The checks that a profile suggests, in a format.

    Raises:
        Conflict: the run is no profile, or has found nothing yet.
    """
    if overview is None or run.task != "profile":
        raise Conflict(
            "There is no profile to draw checks from",
            remedy="Wait until the profile is there, or profile the source first.",
        )
    name = run.source.name or "data"
    return render(suggest(overview, columns, name), format, name)


def require_format(name: str) -> ChecksFormat:
    """The format of a name.

    Raises:
        Invalid: there is no such format.
    """
    for known in get_args(ChecksFormat):
        if known == name:
            return cast("ChecksFormat", known)
    raise Invalid(
        f"Checks cannot be written as {name[:40]!r}",
        remedy=f"Formats: {', '.join(get_args(ChecksFormat))}.",
    )


def _file(name: str, format: ChecksFormat) -> str:
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name)
    middle = "_expectations" if format == "great_expectations" else "_checks"
    stem = plain.strip("_")[:60] or "data"
    return stem.removesuffix("_checks") + middle + _ENDINGS[format]
