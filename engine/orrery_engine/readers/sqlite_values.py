"""What the columns of an SQLite table hold: a declared type is believed only if all values are of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from orrery_engine.readers import dialects
from orrery_engine.schemas import ColumnType

Element = sa.ColumnElement[Any]
_IS_TEXT = "orrery_is_text"
_DIGIT = "[0-9]"
_DAY = f"{_DIGIT * 4}-{_DIGIT * 2}-{_DIGIT * 2}"
_MINUTES = f"{_DIGIT * 2}:{_DIGIT * 2}"
_TIMES = ("date", "datetime", "time")


@dataclass(frozen=True)
class Kind:
    """What a column is.

    Attributes:
        type: of its values.
        mixture: how many values there are of each storage class, if these differ.
        note: why it is not what it is declared as, or what its texts are; "" if there is nothing to say.
    """

    type: ColumnType
    mixture: dict[str, int] | None = None
    note: str = ""


def know_text(connection: sqlite3.Connection) -> None:
    """Let statements ask whether the bytes of a text are characters, which SQLite itself never does."""
    (encoding,) = connection.execute("PRAGMA encoding").fetchone()
    codec = str(encoding).lower().replace("utf-16le", "utf-16-le").replace("utf-16be", "utf-16-be")

    def is_text(raw: bytes) -> bool:
        try:
            raw.decode(codec)
        except UnicodeDecodeError:
            return False
        return True

    connection.create_function(_IS_TEXT, 1, is_text, deterministic=True)


def kind(
    connection: sa.Connection, table: sa.TableClause, column: Element, declared: ColumnType
) -> Kind:
    """What a column is, by all of its values."""
    word = sa.func.typeof(column)
    query = sa.select(word, sa.func.count()).select_from(table).group_by(word)
    classes = {str(name): int(rows) for name, rows in connection.execute(query)}
    classes.pop("null", None)
    own = dialects.of_sqlite(declared, set(classes))
    if own == "mixed":
        return Kind(own, classes)
    if own == "boolean" and classes:
        others = _rows(connection, table, column.not_in([0, 1]))
        return Kind("integer", note=_excuse(own, others, "number")) if others else Kind(own)
    if own in _TIMES and set(classes) == {"text"}:
        return _time(connection, table, column, own)
    return Kind(own, note=_strange(connection, table, column) if "text" in classes else "")


def _strange(connection: sa.Connection, table: sa.TableClause, column: Element) -> str:
    """What to say of texts whose bytes are no characters; only those beyond ASCII are looked at."""
    beyond = column.op("GLOB")(f"*[^{chr(1)}-~]*")
    is_text = getattr(sa.func, _IS_TEXT)(sa.cast(column, sa.LargeBinary))
    is_strange = sa.case(
        (sa.and_(sa.func.typeof(column) == "text", beyond), sa.not_(is_text)),
        else_=sa.literal_column("0"),
    )
    try:
        others = _rows(connection, table, is_strange)
    except sa.exc.DBAPIError:
        return "Whether all texts are characters is not known: to look at them took too long."
    if not others:
        return ""
    texts = "1 text holds" if others == 1 else f"{others:,} texts hold"
    return f"{texts} bytes that are no characters; these are shown as \\x and two digits each."


def exact(column: Element) -> Element:
    """A column whose texts are equal only if they are the same, whatever the table declares."""
    return sa.collate(column, "BINARY")


def _time(
    connection: sa.Connection, table: sa.TableClause, column: Element, declared: ColumnType
) -> Kind:
    """Times in ISO 8601, all in one way, so that the order of the texts is that of the times; else texts."""
    # A time of day in a column of days makes it one of moments.
    for likely in (declared, "datetime") if declared == "date" else (declared,):
        forms = _forms(column, likely)
        # What SQLite cannot read makes a condition neither true nor false.
        fits = sa.func.coalesce(sa.or_(*forms), sa.literal_column("0"))
        others = _rows(
            connection, table, sa.and_(column.is_not(None), fits == sa.literal_column("0"))
        )
        if not others and sum(bool(_rows(connection, table, form)) for form in forms) == 1:
            return Kind("datetime" if likely == "datetime" else declared)
    return Kind("text", note=_excuse(declared, others, "text"))


def _forms(column: Element, declared: str) -> list[Element]:
    """Conditions for each way to write a time, of which a column may have one."""
    if declared == "date":
        return [sa.and_(column.op("GLOB")(_DAY), sa.func.date(sa.func.julianday(column)) == column)]
    if declared == "time":
        return [*_clocks(column)]
    day, sign, clock = (sa.func.substr(column, *part) for part in ((1, 10), (11, 1), (12,)))
    is_day = sa.and_(day.op("GLOB")(_DAY), sa.func.date(sa.func.julianday(day)) == day)
    with_clock = [
        sa.and_(is_day, sign == between, form) for between in (" ", "T") for form in _clocks(clock)
    ]
    return [sa.and_(is_day, sa.func.length(column) == 10), *with_clock]


def _clocks(clock: Element) -> list[Element]:
    """Conditions for times of day: with minutes, with seconds, and with parts of these."""
    seconds = sa.func.substr(clock, 1, 8)
    parts = sa.func.substr(clock, 9)
    is_clock = sa.and_(
        seconds.op("GLOB")(f"{_MINUTES}:{_DIGIT * 2}"), sa.func.time(seconds) == seconds
    )
    minutes = sa.and_(clock.op("GLOB")(_MINUTES), sa.func.time(clock).is_not(None))
    fraction = sa.or_(
        parts == "", sa.and_(parts.op("GLOB")(".[0-9]*"), parts.op("NOT GLOB")("?*[^0-9]*"))
    )
    return [minutes, sa.and_(is_clock, fraction)]


def _rows(connection: sa.Connection, table: sa.TableClause, where: Element) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(where)
    return int(connection.execute(query).scalar_one())


def _excuse(declared: str, others: int, read: str) -> str:
    """Why a column is not what it is declared as."""
    of = "1 value is" if others == 1 else f"{others:,} values are"
    why = f"{of} none" if others else "its values are written in several ways"
    return f"It is declared as {declared}, but {why}: all were read as {read}s."
