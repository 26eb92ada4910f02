"""Checks that a database answers itself: it counts, and no row leaves it."""

from __future__ import annotations

from collections.abc import Mapping

from orrery_engine.checks.check_types import ACCEPTED
from orrery_engine.checks.sql import SqlTarget, conditions
from orrery_engine.plain_words import PlainError
from orrery_engine.quoting import Database
from orrery_engine.readers.base import Table, TableInDatabase
from orrery_engine.schemas import Check, Options

_KNOWN: Mapping[str, Database] = {
    "duckdb": "duckdb",
    "mariadb": "mysql",
    "mysql": "mysql",
    "postgresql": "postgresql",
    "sqlite": "sqlite",
}
_PLAIN = Options(sections=("preliminary",))


def evaluate(table: Table, check: Check) -> tuple[int, int] | None:
    """How many rows break a check, of how many; nothing if the table is no database's.

    Raises:
        PlainError: the database cannot say.
    """
    if not isinstance(table, TableInDatabase):
        return None
    name = table.database
    if name not in _KNOWN:
        raise PlainError(f"checks on a table of {name} cannot be written yet")
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return _evaluate(table, check, _KNOWN[name])
    except SQLAlchemyError as problem:
        message = str(getattr(problem, "orig", None) or problem)
        raise PlainError(f"the database refused: {message.splitlines()[0]}") from problem


def _evaluate(table: TableInDatabase, check: Check, database: Database) -> tuple[int, int]:
    if check.code == "no_duplicates":
        return _duplicates(table, check)
    place = table.names.index(check.column or "")
    # NaN and the like depend on what the column is, not on what the check takes it for.
    known = check.model_copy(update={"type": check.type or table.types[place]})
    if check.code == "unique":
        profile = table.summary(place, _PLAIN)
        if profile is None or profile.singles is None:
            raise PlainError(profile.note if profile and profile.note else "it does not tell")
        present = profile.count - profile.missing
        return present - profile.singles, present
    if check.code == "type":
        return _type(table, known, place, database)
    return _counted(table, known, database)


def _counted(table: TableInDatabase, check: Check, database: Database) -> tuple[int, int]:
    result = conditions(check, SqlTarget("", database, alias=""))
    if result is None:
        raise PlainError(f"{check.code} is no check of single values")
    unbroken, present = result
    return table.count(f"{present} AND NOT ({unbroken})"), table.count(present)


def _type(table: TableInDatabase, check: Check, place: int, database: Database) -> tuple[int, int]:
    """By the table's own declaration, which holds for all of its rows."""
    rows = table.count(_there(check, database))
    expected, kind = check.type or "null", table.types[place]
    if kind in ACCEPTED[expected] or not rows:
        return 0, rows
    if expected == "integer" and kind in ("float", "decimal"):
        name = SqlTarget("", database, alias="").name(check.column or "")
        whole = "SIGNED" if database == "mysql" else "BIGINT"
        return table.count(f"{name} <> CAST({name} AS {whole})"), rows
    return rows, rows


def _there(check: Check, database: Database) -> str:
    """Where there is a value."""
    return f"{SqlTarget('', database, alias='').name(check.column or '')} IS NOT NULL"


def _duplicates(table: Table, check: Check) -> tuple[int, int]:
    names = {str(value) for value in check.values}
    if names and names != set(table.names):
        raise PlainError("a database compares whole rows only; leave the names of columns out")
    result = table.together(())
    if result is None or result[0] is None:
        raise PlainError("the database could not compare the rows in time")
    return result[0].rows, table.rows or 0
