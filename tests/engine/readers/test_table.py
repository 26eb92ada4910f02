"""A database says of a table what the engine says of the same rows, and is never written to."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orrery_engine.readers.table import DatabaseTable
from orrery_engine.schemas import ColumnProfile, Options, ResolvedSource
from orrery_wire.errors import BackendUnavailable, Invalid, NotFound
from tests.effort import examples
from tests.engine.worker_jobs import Told, column, done, job
from tests.hub.clusters import Cluster

ROWS = 400
COLUMNS = {
    "id": (sa.Integer, list(range(ROWS))),
    "price": (sa.Double, [None if one % 7 == 0 else one**1.5 / 3 for one in range(ROWS)]),
    "count": (sa.Integer, [one % 13 - 3 for one in range(ROWS)]),
    "Odd name \"'`;:%(x)s": (
        sa.Text,
        [None if one % 5 == 0 else f"w{one % 40}" for one in range(ROWS)],
    ),
    "good": (sa.Boolean, [None if one % 11 == 0 else one % 3 == 0 for one in range(ROWS)]),
    "at": (sa.DateTime, [datetime(2024, 1, 1) + timedelta(hours=one) for one in range(ROWS)]),
    "empty": (sa.Float, [None] * ROWS),
}


def opened(url: str, table: str = "rows") -> ResolvedSource:
    return ResolvedSource(reader="table", location=url, format="database", table=table)


def asked(url: str, tmp_path: Path, table: str = "rows", **options: object) -> Told:
    return done(job(opened(url, table), tmp_path / "scratch", **options))


def fill(url: str) -> None:
    """The rows, and the same once more from the first ones."""
    engine = sa.create_engine(url)
    meta = sa.MetaData()
    table = sa.Table("rows", meta, *(sa.Column(name, kind) for name, (kind, _) in COLUMNS.items()))
    meta.create_all(engine)
    with engine.begin() as connection:
        rows = zip(*(values for _, values in COLUMNS.values()), strict=True)
        connection.execute(table.insert(), [dict(zip(COLUMNS, row, strict=True)) for row in rows])
    engine.dispose()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the rows in it."""
    if request.param == "sqlite":
        made = f"sqlite:///{tmp_path_factory.mktemp('db') / 'a b.db'}"
    else:
        made = request.getfixturevalue("postgres").url()
    fill(made)
    return made


SAME = (
    *("count", "missing", "distinct", "singles", "zeros", "negatives", "minimum", "maximum"),
    *("total", "mean", "std", "skewness", "kurtosis", "trues"),
)


def same(found: ColumnProfile, wanted: ColumnProfile) -> None:
    """All numbers that both know."""
    for name in SAME:
        here, there = getattr(found, name), getattr(wanted, name)
        assert here == (
            pytest.approx(there, rel=1e-9, abs=1e-9) if isinstance(there, float) else there
        ), name
    assert [one.value for one in found.quantiles] == [
        pytest.approx(one.value) for one in wanted.quantiles
    ]
    assert sorted(top.count for top in found.top) == sorted(top.count for top in wanted.top)
    if wanted.outliers is not None and found.outliers is not None:
        assert (found.outliers.low, found.outliers.high) == (
            wanted.outliers.low,
            wanted.outliers.high,
        )
    if found.histogram is not None:
        assert sum(found.histogram.counts) == sum(wanted.histogram.counts)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["id", "price", "count", "good"])
def test_pushed_down_numbers_are_those_of_the_engine(url: str, name: str, tmp_path: Path) -> None:
    found = asked(url, tmp_path).named(name)
    assert found.note == ""
    same(found, column(pl.Series(COLUMNS[name][1])))


def test_texts_times_and_nothing(url: str, tmp_path: Path) -> None:
    told = asked(url, tmp_path)
    odd = told.columns[3]
    wanted = column(pl.Series(COLUMNS[odd.name][1]))
    assert (odd.type, odd.note) == ("text", "")
    assert (odd.distinct, odd.missing, odd.singles) == (
        wanted.distinct,
        wanted.missing,
        wanted.singles,
    )
    assert odd.text is not None
    assert wanted.text is not None
    assert odd.text.mean_length == pytest.approx(wanted.text.mean_length)
    assert odd.text.patterns[0] == wanted.text.patterns[0]
    at = told.named("at")
    assert at.type == "datetime"
    assert str(at.minimum).replace(" ", "T").startswith("2024-01-01T00:00:00")
    assert at.distinct == ROWS
    assert told.named("empty").missing == ROWS
    assert told.named("empty").distinct == 0


def test_relations_rows_and_gaps_of_a_database(url: str, tmp_path: Path) -> None:
    told = asked(url, tmp_path, target="good")
    assert told.last.rows == ROWS
    assert told.last.sampling is None
    assert told.last.duplicates is not None
    assert told.last.duplicates.rows == 0
    frame = pl.DataFrame({name: values for name, (_, values) in COLUMNS.items()}, strict=False)
    wanted: dict[tuple[int, ...], int] = {}
    for row in frame.iter_rows():
        key = tuple(place for place, one in enumerate(row) if one is None)
        wanted[key] = wanted.get(key, 0) + 1
    wanted.pop((), None)
    assert {one.columns: one.rows for one in told.last.patterns} == wanted
    pairs = {
        (one.a, one.b): one.value for one in told.last.associations if one.measure == "pearson"
    }
    assert pairs[0, 1] == pytest.approx(frame.select(pl.corr("id", "price")).item())
    assert told.named("count").association is not None


def test_a_large_table_is_sampled_for_relations_only(tmp_path: Path) -> None:
    path = tmp_path / "large.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE rows (n INTEGER, x REAL)")
        connection.executemany(
            "INSERT INTO rows VALUES (?, ?)", [(one, one / 3) for one in range(30_000)]
        )
    connection.close()
    told = asked(f"sqlite:///{path}", tmp_path)
    assert told.last.sampling is not None
    assert told.last.sampling.of == 30_000
    assert told.named("n").count == 30_000
    assert told.named("n").total == sum(range(30_000))
    assert told.last.associations[0].value == pytest.approx(1)
    assert 15_000 < told.last.associations[0].rows <= 20_000


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    values=st.lists(
        st.one_of(
            st.none(),
            st.integers(-(2**62), 2**62),
            st.floats(-1e12, 1e12),
            st.text(max_size=5),
            st.binary(max_size=4),
        ),
        max_size=30,
    )
)
def test_sqlite_keeps_anything_anywhere(values: list[object], tmp_path: Path) -> None:
    path = tmp_path / "any.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE rows (v)")
    texts = [
        one.encode("utf-8", "replace").decode() if isinstance(one, str) else one for one in values
    ]
    connection.executemany("INSERT INTO rows VALUES (?)", [(one,) for one in texts])
    connection.commit()
    connection.close()
    found = asked(f"sqlite:///{path}", tmp_path).columns[0]
    assert found.count == len(values)
    assert found.missing == values.count(None)
    kinds = {type(one) for one in values if one is not None}
    if len(kinds) > 1 and kinds != {int, float}:
        assert found.type == "mixed"
    if found.type in ("integer", "float") and kinds:
        assert found.minimum is not None


def test_postgres_types(postgres: Cluster, tmp_path: Path) -> None:
    url = postgres.url()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE SCHEMA s; CREATE TYPE mood AS ENUM ('sad', 'ok');"
            "CREATE TABLE s.t (n numeric(20, 5), f float8, j json, b jsonb, a int[], u uuid, m mood, t timestamptz,"
            " d date, i interval, x bytea, ip inet, big bigint);"
            "INSERT INTO s.t VALUES"
            " (1.10000, 'NaN', '{}', '{}', '{1}', gen_random_uuid(), 'ok', now(), '2024-01-01', '1 day', '\\x00', '::1', 9223372036854775807),"
            " (2.20000, 'Infinity', '[1]', '[1]', '{2}', gen_random_uuid(), 'sad', now(), '2024-01-02', '2 day', '\\x01', '10.0.0.1', 1),"
            " (NULL, 1.5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),"
            " (NULL, '-Infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
        )
    engine.dispose()
    told = asked(url, tmp_path, table="s.t")
    kinds = {one.name: one.type for one in told.columns}
    assert kinds == {"n": "decimal", "f": "float", "j": "nested", "b": "nested", "a": "nested", "u": "text", "m": "category",
                     "t": "datetime", "d": "date", "i": "duration", "x": "binary", "ip": "text", "big": "integer"}  # fmt: skip
    assert [one.note for one in told.columns[:-1]] == [""] * 12
    assert "computed in floating point" in told.named("big").note
    assert (told.named("n").minimum, told.named("n").missing) == ("1.10000", 2)
    f = told.named("f")
    assert (f.nan, f.infinite, f.negatives, f.missing, f.mean) == (1, 2, 1, 1, 1.5)
    assert told.named("m").distinct == 2
    assert told.named("u").text.looks_like == "uuid"  # type: ignore[union-attr]
    assert told.named("big").maximum == str(2**63 - 1)
    assert told.last.duplicates is not None
    assert told.last.duplicates.rows == 0


def test_nothing_is_ever_written(url: str) -> None:
    table = DatabaseTable(opened(url), Options())
    with table._reading() as connection, pytest.raises(sa.exc.DBAPIError, match=r"read.?only"):
        connection.execute(sa.text("DELETE FROM rows"))
    with table._reading() as connection, pytest.raises(sa.exc.DBAPIError, match=r"read.?only"):
        connection.execute(sa.text("CREATE TABLE more (n INTEGER)"))
    assert table.count("1 = 1") == ROWS
    table.close()


def test_conditions_are_counted(url: str) -> None:
    table = DatabaseTable(opened(url), Options())
    quote = "`" if table.database == "sqlite" else '"'
    odd = list(COLUMNS)[3].replace(quote, quote * 2)
    assert table.count(f"{quote}{odd}{quote} LIKE 'w%' AND 'a:b' = 'a:b'") == 320
    assert table.count('"count" < 0') == sum(one < 0 for one in COLUMNS["count"][1])  # type: ignore[operator]
    table.close()


@pytest.fixture
def endless(postgres: Cluster, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A view that never ends, in both kinds of database."""
    view = (
        "CREATE VIEW rows AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"
        " SELECT count(n) AS n FROM r"
    )
    if request.param == "sqlite":
        path = tmp_path / "endless.db"
        connection = sqlite3.connect(path)
        connection.execute(view)
        connection.close()
        yield f"sqlite:///{path}"
        return
    url = postgres.url()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW rows AS SELECT pg_sleep(60)::text AS n")
    engine.dispose()
    yield url


@pytest.mark.parametrize("endless", ["sqlite", "postgresql"], indirect=True)
def test_an_endless_view_is_stopped(endless: str, tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(sa.exc.DBAPIError, match=r"interrupt|timeout"):
        asked(endless, tmp_path, seconds=2.0)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("address", "table", "error"),
    [
        ("no address", "rows", Invalid),
        ("sqlite://", "rows", Invalid),
        ("nonsense://x/y", "rows", BackendUnavailable),
        ("mysql+mysqldb://u:p@127.0.0.1/x", "rows", BackendUnavailable),
        ("sqlite:////nowhere/at/all.db", "rows", sa.exc.OperationalError),
    ],
)
def test_addresses_that_lead_nowhere(
    address: str, table: str, error: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(error):
        asked(address, tmp_path, table)


def test_a_table_that_is_not_there(url: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no table"):
        asked(url, tmp_path, 'nope"; DROP TABLE rows; --')
    with pytest.raises(Invalid, match="No table"):
        asked(url, tmp_path, "")


def test_hostile_bytes_in_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "bytes.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE rows (t TEXT, d DATETIME, n DECIMAL)")
    connection.execute(
        "INSERT INTO rows VALUES (CAST(x'ff41' AS TEXT), 'no date', 'no number'), (NULL, '2024', 9e999)"
    )
    connection.commit()
    connection.close()
    told = asked(f"sqlite:///{path}", tmp_path)
    assert told.named("t").minimum == "\\xffA"
    assert "1 text holds bytes that are no characters" in told.named("t").note
    assert told.named("n").type == "mixed"
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    with pytest.raises(sa.exc.DatabaseError):
        asked(f"sqlite:///{broken}", tmp_path)


# Type, three values as PostgreSQL writes them; kind, missing values, distinct ones, and the greatest.
ODD: dict[str, tuple[str, tuple[str, str, str], str, int, int | None, object]] = {
    "not_a_number": ("numeric", ("'NaN'", "1.5", "2.5"), "decimal", 1, 2, "2.5"),
    "infinite": ("numeric", ("'Infinity'", "1.5", "NULL"), "decimal", 1, 2, "1.5"),
    "huge": ("numeric", ("1e200", "1.5", "2"), "decimal", 0, 3, "1" + "0" * 200),
    "float": ("float8", ("'NaN'", "'-Infinity'", "1.5"), "float", 1, 2, 1.5),
    "forever": ("timestamp", ("'infinity'", "'-infinity'", "'2024-01-01'"), "datetime", 0, 3, "infinity"),
    "rome": ("timestamp", ("'0044-03-15 BC'", "'2024-01-01'", "NULL"), "datetime", 1, 2, "2024-01-01 00:00:00"),
    "zoned": ("timestamptz", ("'infinity'", "'2024-01-01'", "NULL"), "datetime", 1, 2, "infinity"),
    "day": ("date", ("'infinity'", "'0044-03-15 BC'", "'294276-01-01'"), "date", 0, 3, "infinity"),
    "midnight": ("time", ("'24:00'", "'12:00'", "NULL"), "time", 1, 2, "24:00:00"),
    "range": ("tstzrange", ("'[2024-01-01,infinity)'", "'empty'", "NULL"), "text", 1, 2, "empty"),
    "array": ("numeric[]", ("'{NaN,1}'", "'{}'", "NULL"), "nested", 1, None, None),
    "mood": ("mood", ("'ok'", "'sad'", "NULL"), "category", 1, 2, "ok"),
    "bytes": ("bytea", ("'\\xdeadbeef'", "''", "NULL"), "binary", 1, 2, None),
    "while": ("interval", ("'1 mon 2 days'", "'-26:10:00'", "'1000000 years'"), "duration", 0, 3, "365000000 days, 0:00:00"),
    "host": ("inet", ("'10.0.0.1/8'", "'::1'", "NULL"), "text", 1, 2, "::1/128"),
    "point": ("point", ("'(1,2)'", "NULL", "NULL"), "text", 2, 1, "(1,2)"),
    "money": ("money", ("'$12.50'", "'-1'", "NULL"), "text", 1, 2, None),
    "positive": ("positive", ("1", "2", "NULL"), "integer", 1, 2, 2),
}  # fmt: skip
STRANGE = ("forever", "rome", "zoned", "day", "midnight", "range")


def test_values_that_only_postgresql_has(postgres: Cluster, tmp_path: Path) -> None:
    url = postgres.url()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TYPE mood AS ENUM ('sad', 'ok')")
        connection.exec_driver_sql("CREATE DOMAIN positive AS int CHECK (value > 0)")
        columns = ", ".join(f'"{name}" {kind}' for name, (kind, *_) in ODD.items())
        connection.exec_driver_sql(f"CREATE TABLE rows ({columns}, last text)")
        for row in range(3):
            values = ", ".join(values[row] for _, values, *_ in ODD.values())
            connection.exec_driver_sql(f"INSERT INTO rows VALUES ({values}, 't{row}')")
    engine.dispose()
    profile = asked(url, tmp_path)
    for name, (_, _, kind, missing, distinct, greatest) in ODD.items():
        found = profile.named(name)
        assert (found.type, found.missing, found.distinct) == (kind, missing, distinct), name
        assert not found.unread
        assert ("no calendar" in found.note) == (name in STRANGE), name
        if greatest is not None:
            assert found.maximum == greatest, name
    assert profile.named("last").distinct == 3
    assert profile.last.head[0][-1] == "t0"


def test_what_a_sample_shows_of_texts_is_counted_in_the_whole_table(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE shop (city TEXT, note TEXT)")
        rows = [
            (
                ("Paris", "PARIS", "Unknown", "Rome")[n % 4],
                "ask bob@x.org" if n % 2 else f"note number {n}",
            )
            for n in range(30_000)
        ]
        database.executemany("INSERT INTO shop VALUES (?, ?)", rows)
    database.close()
    told = asked(f"sqlite:///{path}", tmp_path, "shop")
    assert told.last.sampling is not None
    city, note = told.named("city"), told.named("note")
    assert [(top.value, top.count) for top in city.placeholders] == [("Unknown", 7_500)]
    (group,) = city.spellings
    assert {group.value, *(top.value for top in group.variants)} == {"Paris", "PARIS"}
    assert [group.count, *(top.count for top in group.variants)] == [7_500, 7_500]
    assert note.text is not None
    assert note.text.personal_estimated
    ((form, count),) = [(top.value, top.count) for top in note.text.personal]
    assert form == "email"
    assert count == pytest.approx(15_000, rel=0.05)
    (alert,) = [one for one in told.last.alerts if one.code == "personal_data"]
    assert alert.evidence.startswith("about ")
