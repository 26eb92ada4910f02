"""A table in a database, profiled where it is: counts, quantiles and histograms are the database's own."""

from __future__ import annotations

import re
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import URL

from orrery_engine import plain_words
from orrery_engine.readers import cells, dialects, sqlite_values
from orrery_engine.readers.base import Row, TableInDatabase
from orrery_engine.readers.pushdown import Column, Facts, Numbers, is_beyond_floats, recounted
from orrery_engine.regular import require_regular
from orrery_engine.schemas import (
    ColumnProfile,
    Duplicates,
    MissingPattern,
    Options,
    ResolvedSource,
)
from orrery_engine.stats import placeholders, sampling, temporal, text_stats, univariate
from orrery_engine.stats.values import value
from orrery_wire.errors import BackendUnavailable, Invalid, NotFound

_SAMPLE = 20_000
_SAMPLE_CELLS = 2_000_000
_PATTERNS = 30
_PATTERN_COLUMNS = 30
_STEPS = 10_000  # Instructions of SQLite between two looks at the clock.
_STATEMENT = 0.5  # Of the budget of time, the most that one statement may take.
# What drivers raise of values that Python has no objects for.
VALUES = (ValueError, OverflowError, TypeError, KeyError, ArithmeticError)
_FLOATING = (
    "Mean, sum, spread and quantiles were computed in floating point by the database, which rounds numbers of so many"
    " digits; values, counts, minimum and maximum are exact."
)
_STRANGE = (
    "It holds values that no calendar or number of Python does, such as infinity or years before Christ;"
    " they are counted, and shown as the database writes them."
)
# Types whose values no declared collation makes equal.
_ORDERED = ("integer", "float", "decimal", "boolean", "binary", "null")
_COLLATING = ("mysql", "mariadb", "mssql")
_COLLATED = "The database compares these texts by its own rules: upper and lower case, and accents, may count as the same."
_TIME_OUT = re.compile(r"timeout|time out|interrupt|cancel", re.IGNORECASE)


class DatabaseTable(TableInDatabase):
    """A table or view, read in transactions that can only read and whose statements have a time limit."""

    def __init__(self, resolved: ResolvedSource, options: Options) -> None:
        self._options = options
        # Columns with values that the driver cannot make objects of: these are read as the database writes them.
        self._as_text: set[int] = set()
        # Why a column is not what it is declared as.
        self._remarks: dict[int, str] = {}
        self._limit = max(1.0, options.seconds * _STATEMENT)
        self._deadline = time.monotonic() + self._limit
        self._engine = self._connected(resolved.location)
        self.database = self._engine.dialect.name
        name, schema, columns = self._locate(resolved.table)
        # Without types: those of SQLAlchemy refuse what SQLite lets stand in a column.
        self._columns: list[sa.ColumnClause[Any]] = [
            sa.column(column["name"]) for column in columns
        ]
        self._table = sa.table(name, *self._columns, schema=schema)
        self.names = tuple(column["name"] for column in columns)
        self.dtypes = tuple(dialects.native(column["type"]) for column in columns)
        self.types = tuple(dialects.kind(column["type"]) for column in columns)
        with self._reading() as connection:
            counted = sa.select(sa.func.count()).select_from(self._table)
            self.rows = int(connection.execute(counted).scalar_one())
            if self.database == "sqlite":
                self._look_at_sqlite(connection)
        expected = options.sample or _SAMPLE
        self._sample_rows = max(500, min(expected, _SAMPLE_CELLS // max(1, len(self.names))))
        if self.rows > self._sample_rows:
            self.sampling = sampling.state(
                self._sample_rows,
                self.rows,
                "Relations, words and forms are of rows at random; all else the database counted in all rows.",
            )

    def _connected(self, location: str) -> sa.Engine:
        try:
            url = sa.make_url(location)
        except sa.exc.ArgumentError as problem:
            raise Invalid(
                "This is no address of a database.",
                reason="It cannot be read as SQLAlchemy reads addresses.",
                remedy="Write it as dialect+driver://user@host/database.",
            ) from problem
        try:
            if url.get_backend_name() == "sqlite":
                return sa.create_engine(
                    "sqlite://", creator=self._sqlite(url), poolclass=sa.NullPool
                )
            return sa.create_engine(url, poolclass=sa.NullPool, **dialects.connecting(url))
        except (ModuleNotFoundError, sa.exc.NoSuchModuleError) as problem:
            driver = getattr(problem, "name", None) or url.drivername
            raise BackendUnavailable(
                f"There is no driver for {url.drivername} databases.", install=str(driver)
            ) from problem

    def _sqlite(self, url: URL) -> Callable[[], sqlite3.Connection]:
        """Opens the file so that nothing can write to it and no statement runs for ever."""
        if not url.database or url.database == ":memory:":
            raise Invalid(
                "The address names no file.",
                reason="A database in memory belongs to the process that made it.",
                remedy="Write it as sqlite:////path/to/file.db.",
            )
        require_regular(Path(url.database))
        address = f"file:{quote(url.database)}?mode=ro"

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(address, uri=True, check_same_thread=False)
            connection.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
            sqlite_values.know_text(connection)
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.set_progress_handler(lambda: time.monotonic() > self._deadline, _STEPS)
            return connection

        return connect

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        """A transaction that cannot write; rolled back at its end."""
        self._deadline = time.monotonic() + self._limit
        postgres = self._engine.dialect.name == "postgresql"
        options = {"postgresql_readonly": True} if postgres else {}
        with self._engine.connect().execution_options(**options) as connection:
            milliseconds = int(self._limit * 1_000)
            if postgres:
                connection.execute(sa.text(f"SET LOCAL statement_timeout = {milliseconds}"))
            elif self._engine.dialect.name in ("mysql", "mariadb"):
                connection.execute(sa.text("SET SESSION TRANSACTION READ ONLY"))
                connection.rollback()
                dialects.limit_mysql(connection, self._limit)
            try:
                yield connection
            finally:
                connection.rollback()

    def _locate(self, table: str) -> tuple[str, str | None, list[Any]]:
        """The table, its schema and its columns."""
        if not table:
            raise Invalid(
                "No table is named.", remedy="Name a table, with its schema if it has one."
            )
        inspector = sa.inspect(self._engine)
        schema, _, rest = table.partition(".")
        for name, place in ((table, None), *([(rest, schema)] if rest else [])):
            try:
                with warnings.catch_warnings():
                    # Types that SQLAlchemy does not know are read as texts.
                    warnings.simplefilter("ignore", sa.exc.SAWarning)
                    columns = inspector.get_columns(name, schema=place)
            except sa.exc.NoSuchTableError:
                continue
            if columns:
                return name, place, list(columns)
        raise NotFound(
            f"There is no table {table!r}.",
            reason="The database knows no table or view of that name that you may read.",
            remedy="Check the name and the schema.",
        )

    def _look_at_sqlite(self, connection: sa.Connection) -> None:
        """SQLite keeps any type in any column: count what is there."""
        kinds = []
        for place, declared in enumerate(self.types):
            self._deadline = time.monotonic() + self._limit
            table, column = self._alone(place)
            kinds.append(sqlite_values.kind(connection, table, column, declared))
        self.types = tuple(own.type for own in kinds)
        self.mixtures = {
            place: own.mixture for place, own in enumerate(kinds) if own.mixture is not None
        }
        self._remarks = {place: own.note for place, own in enumerate(kinds) if own.note}

    @cached_property
    def _sample(self) -> cells.FrameTable:
        """Rows at random, all columns of them."""
        query = sa.select(sa.literal(1)).select_from(self._table)
        rows = self.rows or 0
        if rows > self._sample_rows:
            chance = self._chance(min(1.0, 1.2 * self._sample_rows / rows))
            query = query if chance is None else query.where(chance)
        fetched = self._fetched(range(len(self.names)), query.limit(self._sample_rows))
        columns = [
            cells.series([row[place] for row in fetched])[0] for place in range(len(self.names))
        ]
        return cells.FrameTable(self.names, columns)

    def _chance(self, share: float) -> sa.ColumnElement[bool] | None:
        """True for so many rows, at random; none where the dialect has no known way."""
        if self.database == "sqlite":
            return sa.func.abs(sa.func.random() % 1_000_000) < int(share * 1_000_000)
        if self.database in ("postgresql", "duckdb", "redshift", "cockroachdb"):
            return sa.func.random() < share
        if self.database in ("mysql", "mariadb"):
            return sa.func.rand() < share
        return None

    def head(self, count: int, columns: int) -> tuple[Row, ...]:
        """The first rows, as the database gives them."""
        query = sa.select(sa.literal(1)).select_from(self._table).limit(count)
        rows = self._fetched(range(min(columns, len(self.names))), query)
        return tuple(tuple(value(item) for item in row) for row in rows)

    def _fetched(
        self, places: Sequence[int], query: sa.Select[Any]
    ) -> Sequence[sa.Row[tuple[Any, ...]]]:
        """Columns of the rows of a query; those that the driver cannot make objects of as texts."""
        try:
            return self._rows(places, query)
        except sa.exc.DBAPIError as problem:
            if _TIME_OUT.search(str(problem.orig)):
                raise
        except VALUES:
            pass
        for place in places:
            try:
                self._rows([place], query)
            except (sa.exc.DBAPIError, *VALUES):
                self._as_text.add(place)
        return self._rows(places, query)

    def _rows(
        self, places: Sequence[int], query: sa.Select[Any]
    ) -> Sequence[sa.Row[tuple[Any, ...]]]:
        columns = [
            sa.cast(self._columns[place], sa.Text).label(f"c{place}")
            if place in self._as_text
            else self._columns[place]
            for place in places
        ]
        with self._reading() as connection:
            return connection.execute(query.with_only_columns(*columns)).all()

    def column(self, index: int) -> pl.Series:
        """A column of the sample."""
        return self._sample.column(index)

    def frame(self, indices: Sequence[int]) -> pl.DataFrame:
        """Columns of the sample."""
        return self._sample.frame(indices)

    def summary(self, index: int, options: Options) -> ColumnProfile:
        """A column, by statements; one that takes too long gets a note."""
        result: Facts = {
            "index": index,
            "name": self.names[index],
            "type": self.types[index],
            "dtype": self.dtypes[index],
        }
        if self.types[index] in ("text", "datetime", "date"):
            self._sample  # noqa: B018 - loaded now, not in the middle of another transaction
        problem = self._gather(index, result)
        if problem and index not in self._as_text and self._is_strange(index):
            self._as_text.add(index)
            problem = self._gather(index, result)
        if problem:
            result |= {"note": problem, "unread": result.get("distinct") is None}
        elif index in self._as_text:
            result["note"] = _STRANGE
        elif is_beyond_floats(result):
            result["note"] = _FLOATING
        elif note := self._remarks.get(index) or self._equality(index):
            result["note"] = note
        result.pop("usable", None)
        return ColumnProfile(**result)

    def _equality(self, index: int) -> str:
        """What to say of texts that are compared by rules of the database."""
        is_text = self.types[index] in ("text", "category")
        return _COLLATED if is_text and self.database in _COLLATING else ""

    def _gather(self, index: int, facts: Facts) -> str:
        """Add what the database says of a column to the facts; why that ended early, if it did."""
        try:
            with self._reading() as connection:
                for part in self._statements(connection, index, facts):
                    self._deadline = time.monotonic() + self._limit
                    facts |= part
        except sa.exc.DBAPIError as problem:
            return self._excuse(problem)
        except VALUES as problem:
            plain_words.log(problem)
            return "The database's answer could not be read: it holds values that are computed with nowhere else."
        return ""

    def _is_strange(self, index: int) -> bool:
        """Whether the driver cannot make objects of a column's extremes."""
        table, named = self._alone(index)
        column = self._comparable(index, named)
        query = sa.select(sa.func.min(column), sa.func.max(column)).select_from(table)
        try:
            with self._reading() as connection:
                connection.execute(query).all()
        except sa.exc.DBAPIError as problem:
            return not _TIME_OUT.search(str(problem.orig))
        except VALUES:
            return True
        return False

    def _excuse(self, problem: sa.exc.DBAPIError) -> str:
        text = str(problem.orig).splitlines()[0][:300]
        if _TIME_OUT.search(text):
            return f"The database took longer than {self._limit:g} seconds for a part of this."
        return f"The database refused a part of this: {text}"

    def _statements(self, connection: sa.Connection, index: int, facts: Facts) -> Iterator[Facts]:
        """One statement after the other, the quick ones first."""
        table, named = self._alone(index)
        kind, clause = self.types[index], self._comparable(index, named)
        column = Column(connection, table, clause, as_text=index in self._as_text)
        yield column.counts()
        if kind in ("null", "nested", "binary") or facts["count"] == facts["missing"]:
            if kind == "binary":
                yield column.distinct()
            elif kind != "nested":
                yield {"distinct": 0, "singles": 0}
            return
        if kind == "boolean":
            yield column.truth()
            return
        if kind in ("integer", "float", "decimal"):
            column = Numbers(connection, table, clause, floats=kind != "integer")
            yield from _numeric(column, facts)
        else:
            yield column.extremes()
        yield column.distinct()
        yield column.top(facts["distinct"])
        if kind == "text":
            yield self._text(column, index)
        elif kind in ("datetime", "date"):
            yield self._time(index)

    def _alone(self, index: int) -> tuple[sa.TableClause, sa.ColumnClause[Any]]:
        """The table with one of its columns: SQLAlchemy looks at all columns of a table for each statement on it."""
        column: sa.ColumnClause[Any] = sa.column(self.names[index])
        return sa.table(self._table.name, column, schema=self._table.schema), column

    def _comparable(self, index: int, column: sa.ColumnClause[Any]) -> sa.ColumnElement[Any]:
        """The column; as text where the database has no order for its type."""
        if self.database == "sqlite" and self.types[index] not in _ORDERED:
            return sqlite_values.exact(column)
        strange = self.types[index] in ("nested", "text") and self.database != "sqlite"
        return sa.cast(column, sa.Text) if strange else column

    def _text(self, column: Column, index: int) -> Facts:
        """Lengths of all rows, the rest of the sample."""
        present = self._sample.column(index).drop_nulls().cast(pl.String)
        deep = "text" in self._options.sections
        about = text_stats.describe(present, None, self.names[index], deep=deep)
        judged = univariate.judge_texts(present, None, about)
        if self.sampling is None:
            return {"text": about.model_copy(update=column.lengths()), **judged}
        scale = (self.rows or len(present)) / max(1, self.sampling.rows)
        personal = tuple(
            top.model_copy(update={"count": round(top.count * scale)}) for top in about.personal
        )
        estimates = {"personal": personal, "personal_estimated": True, "estimated": True}
        return {
            "text": about.model_copy(update={**estimates, **column.lengths()}),
            **recounted(judged, column),
        }

    def _time(self, index: int) -> Facts:
        """How times lie in the sample."""
        present = self._sample.column(index).drop_nulls()
        if present.dtype == pl.String:
            present = _parsed(present)
        if not present.dtype.is_temporal() or not len(present):
            return {}
        ordered = present.to_physical().sort().to_numpy()
        different = present.to_physical().unique().sort().to_numpy()
        about = temporal.describe(present, ordered, different)
        if self.sampling is not None:
            # Steps between rows at random are none of the table's.
            about = about.model_copy(update={"typical_step": None, "gaps": 0, "largest_gap": None})
        days = univariate.in_days(ordered, present.dtype)
        # How often a day of the sample is there in all rows is not known.
        days_of_none = placeholders.of_days(days) if self.sampling is None else ()
        return {"time": about, "placeholders": days_of_none}

    def together(
        self, columns: Sequence[ColumnProfile]
    ) -> tuple[Duplicates | None, tuple[MissingPattern, ...]]:
        """Repeated rows and missing patterns of all rows."""
        return self._duplicates(), self._patterns(columns)

    def _duplicates(self) -> Duplicates | None:
        """Unknown if the database cannot compare the rows in time."""
        columns = [self._comparable(*numbered) for numbered in enumerate(self._columns)]
        labelled = [column.label(f"c{place}") for place, column in enumerate(columns)]
        each = sa.select(*labelled).select_from(self._table).distinct().subquery()
        try:
            with self._reading() as connection:
                query = sa.select(sa.func.count()).select_from(each)
                return Duplicates(
                    rows=(self.rows or 0) - int(connection.execute(query).scalar_one())
                )
        except (sa.exc.DBAPIError, sa.exc.CompileError):
            return None

    def _patterns(self, columns: Sequence[ColumnProfile]) -> tuple[MissingPattern, ...]:
        holed = [column.index for column in columns if column.missing > column.nan][
            :_PATTERN_COLUMNS
        ]
        if not holed:
            return ()
        flags = [
            sa.case((self._columns[index].is_(None), 1), else_=0).label(f"c{index}")
            for index in holed
        ]
        inner = sa.select(*flags).select_from(self._table).subquery()
        rows = sa.func.count()
        query = sa.select(rows, *inner.c).group_by(*inner.c).order_by(rows.desc())
        try:
            with self._reading() as connection:
                result = connection.execute(query.limit(_PATTERNS + 1)).all()
        except sa.exc.DBAPIError:
            return ()
        return tuple(
            MissingPattern(
                columns=tuple(index for index, flag in zip(holed, flags, strict=True) if flag),
                rows=int(count),
            )
            for count, *flags in result
            if any(flags)
        )[:_PATTERNS]

    def count(self, where: str) -> int:
        """How many rows fulfil a condition."""
        # A colon would begin the name of a parameter.
        condition = sa.text(where.replace("\\", "\\\\").replace(":", "\\:"))
        query = sa.select(sa.func.count()).select_from(self._table).where(condition)
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    def close(self) -> None:
        """Let go of the connection."""
        self._engine.dispose()


def _parsed(texts: pl.Series) -> pl.Series:
    """Those of the texts that are times, as times."""
    usual = texts.str.slice(0, 19).str.strip_suffix(" BC")
    usual = usual.filter(~texts.str.ends_with("BC"))
    return usual.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False).drop_nulls()


def _numeric(column: Numbers, facts: Facts) -> Iterator[Facts]:
    """What a database says of numbers; each step needs what the one before gives."""
    yield column.strange(facts["missing"], facts["count"])
    if facts["usable"]:
        yield column.shape(facts["usable"])
        yield column.order(facts["usable"])
        yield column.spread(facts)
