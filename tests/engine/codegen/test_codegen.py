"""Every cell that is written parses, runs, and does what it says; nothing from data is code in it."""

from __future__ import annotations

import ast
import datetime as dt
import math
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from orrery_engine.codegen import write
from orrery_engine.codegen.loading import load_table
from orrery_engine.codegen.quick_fixes import FIX_LABELS, fixes
from orrery_engine.schemas import Alert, AlertCode, CodeIn, Dialect, SourceIn, Statistic
from orrery_engine.stats.values import value
from orrery_wire.errors import Invalid, NotFound
from tests.engine.cells import LOCAL, answer, as_polars, fixed, run
from tests.engine.tables import FrameTable, profiled
from tests.loops import each
from tests.security.hostile.expansions import EXPANSIONS
from tests.security.hostile.markup import markup

pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")

START = dt.datetime(2024, 1, 1)
ROWS = 40
FRAME = pl.DataFrame(
    {
        "id": range(ROWS),
        "part": [float(n % 9) if n % 5 else None for n in range(ROWS)],
        "far": [n * n for n in range(ROWS - 1)] + [100_000],
        "word": [f" w{n % 30}" if n % 4 else "  " for n in range(ROWS)],
        "when": [START + dt.timedelta(hours=n) for n in range(ROWS)],
        "paid": [Decimal(n % 7) / 4 for n in range(ROWS)],
        "open": [n % 3 == 0 for n in range(ROWS)],
        "day": [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(ROWS)],
        "kept": [str(n) if n % 6 else "none" for n in range(ROWS)],
        "wild": [math.inf if n == 3 else float(n) for n in range(ROWS)],
    }
)
HERE = SourceIn(kind="frame", location="0" * 32, name="df")
COLUMNS = profiled(FrameTable(FRAME))[1]
BY_NAME = {column.name: column for column in COLUMNS}


def asked(dialect: Dialect, what: str, column: str | None = None, **more: Any) -> CodeIn:
    number = BY_NAME[column].index if column else None
    return CodeIn.model_validate({"what": what, "column": number, "dialect": dialect, **more})


def code(dialect: Dialect, what: str, column: str | None = None, **more: Any) -> str:
    return write(asked(dialect, what, column, **more), HERE, COLUMNS).code


@pytest.mark.parametrize("dialect", LOCAL)
@each("name", FRAME.columns)
def test_the_rows_of_a_value_are_shown(dialect: Dialect, name: str) -> None:
    for raw in (FRAME[name][7], FRAME[name][5]):
        wanted = FRAME.filter(pl.col(name).eq_missing(pl.lit(raw)))["id"].to_list()
        written = code(dialect, "value", name, value=value(raw))
        assert as_polars(answer(written, dialect, FRAME))["id"].to_list() == wanted
    gone = as_polars(answer(code(dialect, "value", name, value=None), dialect, FRAME))
    assert gone["id"].to_list() == FRAME.filter(pl.col(name).is_null())["id"].to_list()


@pytest.mark.parametrize("dialect", LOCAL)
def test_the_rows_of_an_infinite_value_are_shown(dialect: Dialect) -> None:
    found = as_polars(answer(code(dialect, "value", "wild", value="inf"), dialect, FRAME))
    assert found["id"].to_list() == [3]


@pytest.mark.parametrize("dialect", LOCAL)
@each("name", FRAME.columns)
def test_a_column_is_shown(dialect: Dialect, name: str) -> None:
    found = answer(code(dialect, "column", name), dialect, FRAME)
    series = pl.Series(found) if isinstance(found, pd.Series) else None
    if series is None and dialect == "pyarrow":
        series = pl.Series(pl.from_arrow(found))
    if series is None:
        series = as_polars(found).to_series()
    assert series.len() == ROWS
    assert series.null_count() == FRAME[name].null_count()


def _number(found: Any) -> float:
    if hasattr(found, "as_py"):
        found = found.as_py()
    if isinstance(found, int | float | np.generic):
        return float(found)
    return float(as_polars(found).item(0, 0))


FINITE = FRAME["wild"].filter(FRAME["wild"].is_finite())
ANSWERS: tuple[tuple[Statistic, str, float], ...] = (
    ("missing", "part", 8),
    ("distinct", "part", 9),
    ("distinct", "word", 26),
    ("mean", "part", float(FRAME["part"].mean() or 0)),  # type: ignore[arg-type]
    ("mean", "wild", float(FINITE.mean() or 0)),  # type: ignore[arg-type]
    ("mean", "paid", float(FRAME["paid"].cast(pl.Float64).mean() or 0)),  # type: ignore[arg-type]
    ("std", "far", float(FRAME["far"].std() or 0)),  # type: ignore[arg-type]
    ("min", "far", 0),
    ("max", "far", 100_000),
    ("max", "wild", 39),
    ("skewness", "far", float(FRAME["far"].to_pandas().skew())),  # type: ignore[arg-type]
)


@pytest.mark.parametrize("dialect", LOCAL)
@each("statistic, name, wanted", ANSWERS)
def test_a_statistic_is_what_it_says(
    dialect: Dialect, statistic: Statistic, name: str, wanted: float
) -> None:
    written = code(dialect, "statistic", name, statistic=statistic)
    assert _number(answer(written, dialect, FRAME)) == pytest.approx(wanted)


@pytest.mark.parametrize("dialect", LOCAL)
@each("name", FRAME.columns)
@each("statistic", get_args(Statistic))
def test_every_statistic_runs_or_is_refused(
    dialect: Dialect, name: str, statistic: Statistic
) -> None:
    kind = BY_NAME[name].type
    numeric = {"mean", "std", "quantiles", "histogram", "outliers", "skewness", "associations"}
    if statistic in numeric and kind not in ("integer", "float", "decimal"):
        with pytest.raises(Invalid, match="no such statistic"):
            code(dialect, "statistic", name, statistic=statistic)
        return
    written = code(dialect, "statistic", name, statistic=statistic)
    assert answer(written, dialect, FRAME) is not None


@pytest.mark.parametrize("dialect", LOCAL)
def test_quantiles_outliers_and_frequent_values_are_right(dialect: Dialect) -> None:
    quantiles = answer(code(dialect, "statistic", "far", statistic="quantiles"), dialect, FRAME)
    told = (
        quantiles.to_pylist()
        if dialect == "pyarrow"
        else list(quantiles if dialect == "pandas" else as_polars(quantiles).row(0))
    )
    wanted = [FRAME["far"].quantile(share, "linear") for share in (0.05, 0.25, 0.5, 0.75, 0.95)]
    assert told == pytest.approx(wanted)
    outliers = answer(code(dialect, "statistic", "far", statistic="outliers"), dialect, FRAME)
    assert as_polars(outliers)["id"].to_list() == [39]
    top = answer(code(dialect, "statistic", "part", statistic="top"), dialect, FRAME)
    rows = len(top) if dialect == "pandas" else as_polars(top).height
    assert rows == 9


def _fix(dialect: Dialect, kind: AlertCode, names: tuple[str, ...], fix: int = 0) -> str:
    columns = tuple(BY_NAME[name].index for name in names)
    alert = Alert(
        id="it",
        code=kind,
        level="info",
        columns=columns,
        names=names,
        message="",
        evidence="",
    )
    wanted = asked(dialect, "fix", alert="it", fix=fix)
    return write(wanted, HERE, COLUMNS, [alert]).code


FIXED: tuple[tuple[AlertCode, tuple[str, ...], int, pl.Expr | list[str]], ...] = (
    ("missing", ("part",), 0, pl.col("part").fill_null(pl.col("part").median())),
    ("missing", ("id",), 1, pl.col("id")),
    ("skewed", ("far",), 0, pl.col("far").cast(pl.Float64).log1p()),
    ("infinite", ("wild",), 0, pl.when(pl.col("wild").is_finite()).then(pl.col("wild"))),
    ("zeros", ("far",), 0, pl.when(pl.col("far") != 0).then(pl.col("far"))),
    ("blank", ("word",), 0, pl.when(pl.col("word") != "  ").then(pl.col("word"))),
    ("blank", ("word",), 1, pl.col("word").str.strip_chars()),
    ("mixed_types", ("kept",), 0, pl.col("kept").cast(pl.Float64, strict=False)),
    ("mixed_types", ("kept",), 1, pl.col("kept")),
)


@pytest.mark.parametrize("dialect", LOCAL)
@each("kind, names, fix, wanted", FIXED)
def test_a_mend_changes_the_column_and_no_other(
    dialect: Dialect, kind: AlertCode, names: tuple[str, ...], fix: int, wanted: pl.Expr
) -> None:
    found = fixed(_fix(dialect, kind, names, fix), dialect, FRAME)
    expected = FRAME.with_columns(wanted.alias(names[0]))
    assert found.columns == FRAME.columns
    for name in FRAME.columns:
        got, should = found[name], expected[name]
        if should.dtype.is_numeric():
            got, should = got.cast(pl.Float64), should.cast(pl.Float64)
        else:
            got, should = got.cast(pl.String), should.cast(pl.String)
        if name in ("when", "day"):
            assert got.null_count() == 0
            continue
        assert got.equals(should, null_equal=True) or np.allclose(
            got.fill_null(-1).to_numpy(), should.fill_null(-1).to_numpy()
        ), name


@pytest.mark.parametrize("dialect", LOCAL)
def test_columns_and_rows_are_dropped(dialect: Dialect) -> None:
    without = [name for name in FRAME.columns if name != "far"]
    assert fixed(_fix(dialect, "constant", ("far",)), dialect, FRAME).columns == without
    assert fixed(_fix(dialect, "correlated", ("id", "far")), dialect, FRAME).columns == without
    kept = fixed(_fix(dialect, "missing", ("part",), 1), dialect, FRAME)
    assert kept["id"].to_list() == FRAME.filter(pl.col("part").is_not_null())["id"].to_list()
    twice = pl.concat([FRAME, FRAME.head(3)])
    once = fixed(_fix(dialect, "duplicates", ()), dialect, twice)
    assert sorted(once["id"].to_list()) == list(range(ROWS))
    first = fixed(_fix(dialect, "join_key", ("id",), 1), dialect, twice)
    assert sorted(first["id"].to_list()) == list(range(ROWS))


@pytest.mark.parametrize("dialect", LOCAL)
def test_rows_of_the_reference_are_dropped(dialect: Dialect) -> None:
    written = _fix(dialect, "leakage", ())
    if dialect != "sql":
        assert "# reference: " in written
    kept = fixed(written, dialect, FRAME, reference=FRAME.head(10))
    assert sorted(kept["id"].to_list()) == list(range(10, ROWS))


@pytest.mark.parametrize("dialect", LOCAL)
def test_outliers_are_clipped_to_the_fences(dialect: Dialect) -> None:
    found = fixed(_fix(dialect, "outliers", ("far",)), dialect, FRAME)["far"].cast(pl.Float64)
    fences = BY_NAME["far"].outliers
    assert fences is not None
    assert found.max() == pytest.approx(fences.fence_high)
    assert found.head(30).to_list() == pytest.approx(FRAME["far"].head(30).to_list())


@pytest.mark.parametrize("dialect", LOCAL)
def test_rare_values_become_one(dialect: Dialect) -> None:
    found = fixed(_fix(dialect, "high_cardinality", ("kept",)), dialect, FRAME)["kept"]
    assert found.n_unique() == 21
    assert found.cast(pl.String).eq("other").sum() == ROWS - 7 - 19
    assert found.cast(pl.String).eq("none").sum() == 7


@pytest.mark.parametrize("dialect", LOCAL)
def test_personal_values_become_hashes(dialect: Dialect) -> None:
    written = _fix(dialect, "personal_data", ("word",), 1)
    found = fixed(written, dialect, FRAME)["word"]
    assert found.n_unique() == FRAME["word"].n_unique()
    assert not set(found.to_list()) & set(FRAME["word"].to_list())
    assert found.null_count() == 0
    assert all(len(text) >= 32 for text in found.to_list())


@pytest.mark.parametrize("dialect", LOCAL)
def test_weights_make_every_value_count_the_same(dialect: Dialect) -> None:
    found = answer(_fix(dialect, "imbalance", ("open",)), dialect, FRAME)
    if dialect in ("duckdb", "sql"):
        rows = as_polars(found).rows()
        told = dict(rows)
    else:
        weights = (
            as_polars(found).to_series()
            if dialect == "polars"
            else pl.Series(found.to_numpy(zero_copy_only=False) if dialect == "pyarrow" else found)
        )
        told = dict(zip(FRAME["open"].to_list(), weights.to_list(), strict=True))
    assert told == pytest.approx({True: ROWS / (2 * 14), False: ROWS / (2 * 26)})


@pytest.mark.parametrize("dialect", LOCAL)
def test_keys_kept_as_floats_become_texts(dialect: Dialect) -> None:
    found = fixed(_fix(dialect, "join_key", ("part",)), dialect, FRAME)["part"].to_list()
    wanted = [str(n % 9) if n % 5 else None for n in range(ROWS)]
    assert found == wanted


def test_a_lazy_frame_stays_lazy() -> None:
    written = _fix("polars", "missing", ("part",), 0)
    _, scope = run(written, {"df": FRAME.lazy()})
    assert isinstance(scope["df"], pl.LazyFrame)
    shown = run(code("polars", "value", "id", value=3), {"df": FRAME.lazy()})[0]
    assert shown["id"].to_list() == [3]


def test_a_relation_of_duckdb_is_mended_by_its_own_name() -> None:
    frame = FRAME.to_arrow()
    relation = duckdb.sql("SELECT * FROM frame")
    del frame
    _, scope = run(_fix("duckdb", "constant", ("far",)), {"df": relation})
    _, scope = run(code("duckdb", "value", "id", value=3), scope)
    assert "far" not in scope["df"].columns


def test_columns_of_one_name_are_told_apart_by_their_place() -> None:
    columns = [column.model_copy(update={"name": "same"}) for column in COLUMNS]
    frame = FRAME.to_pandas()
    frame.columns = pd.Index(["same"] * len(columns))
    written = write(asked("pandas", "column", "far"), HERE, columns).code
    assert list(run(written, {"df": frame})[0]) == FRAME["far"].to_list()
    gone = Alert(
        id="it",
        code="constant",
        level="info",
        columns=(2,),
        names=("same",),
        message="",
        evidence="",
    )
    dropped = write(asked("pandas", "fix", alert="it"), HERE, columns, [gone]).code
    assert run(dropped, {"df": frame})[1]["df"].shape == (ROWS, len(columns) - 1)
    table = FRAME.to_arrow().rename_columns(["same"] * len(columns))
    after = run(
        write(asked("pyarrow", "fix", alert="it"), HERE, columns, [gone]).code, {"df": table}
    )
    assert after[1]["df"].num_columns == len(columns) - 1
    for dialect in ("duckdb", "sql", "spark"):
        with pytest.raises(Invalid, match="same name"):
            write(asked(dialect, "column", "far"), HERE, columns)  # type: ignore[arg-type]


HOSTILE = tuple(
    dict.fromkeys(
        [
            *EXPANSIONS,
            *(text for _, text in zip(range(120), (str(one) for one in markup()), strict=False)),
            "'; import os; os.system('id') #",
            '"""; import os',
            "\\'; x = 1 #",
            "{f}",
            "{0.__class__}",
            "^.*$",
            "*",
            "a`b",
            'a"b',
            "a.b",
            "\n\n",
            "ünï\u202e",
        ]
    )
)
CALLS = {"df", "pd", "pl", "pa", "pc", "np", "F", "duckdb", "hashlib", "secrets", "Decimal"}
CALLS |= {
    "list",
    "len",
    "str",
    "range",
    "float",
    "max",
    "int",
    "dict",
    "zip",
    "value",
    "one",
    "i",
    "q",
}
CALLS |= {
    "key",
    "q1",
    "q3",
    "low",
    "high",
    "counts",
    "weights",
    "rows",
    "known",
    "table",
    "reference",
}
CALLS |= {"object", "ds", "csv", "fsspec", "numbers", "name", "a", "b", "map", "row"}


def _is_tame(written: str, dialect: Dialect) -> None:
    """Names are ours, and nothing is imported that is not ours."""
    tree = ast.parse(written)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            assert node.id in CALLS, (dialect, written)
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert all(alias.name.split(".")[0] not in ("os", "subprocess") for alias in node.names)


@each("hostile", HOSTILE)
def test_hostile_names_and_values_are_literals_everywhere(hostile: str) -> None:
    frame = pl.DataFrame({hostile: ["x", hostile, None], "n": [1, 2, 3]})
    columns = profiled(FrameTable(frame))[1]
    kinds = [kind for kind in get_args(AlertCode) if fixes(kind, "text")]
    for dialect in get_args(Dialect):
        written = [
            write(CodeIn(what="column", column=0, dialect=dialect), HERE, columns).code,
            write(
                CodeIn(what="value", column=0, value=hostile, dialect=dialect), HERE, columns
            ).code,
        ]
        for kind in kinds:
            alert = Alert(
                id="it",
                code=kind,
                level="info",
                columns=(0,),
                names=(hostile,),
                message="",
                evidence="",
            )
            pattern = columns[0].text.looks_like if columns[0].text else ""
            for number in range(len(fixes(kind, "text", pattern))):
                wanted = CodeIn(what="fix", alert="it", fix=number, dialect=dialect)
                try:
                    written.append(write(wanted, HERE, columns, [alert]).code)
                except Invalid:
                    continue
        if dialect == "sql":
            # NUL in a name is none that a database knows.
            if "\0" not in hostile:
                for one in written:
                    assert len(duckdb.extract_statements(one)) == 1, one
            continue
        for one in written:
            _is_tame(one, dialect)


@pytest.mark.parametrize("dialect", LOCAL)
@each("hostile", [text for text in HOSTILE if "\0" not in text][::7])
def test_hostile_names_and_values_are_found(dialect: Dialect, hostile: str) -> None:
    frame = pl.DataFrame({hostile: ["x", hostile, None], "n": [1, 2, 3]})
    columns = profiled(FrameTable(frame))[1]
    asked_for = CodeIn(what="value", column=0, value=hostile, dialect=dialect)
    found = as_polars(answer(write(asked_for, HERE, columns).code, dialect, frame))
    assert found["n"].to_list() == [2]


def test_code_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(NotFound, match="no such column"):
        write(CodeIn(what="column", column=99), HERE, COLUMNS)
    with pytest.raises(NotFound, match="no such alert"):
        write(CodeIn(what="fix", alert="nope"), HERE, COLUMNS)
    with pytest.raises(Invalid, match="No column"):
        write(CodeIn(what="column"), HERE, COLUMNS)
    with pytest.raises(Invalid, match="No statistic"):
        write(CodeIn(what="statistic", column=0), HERE, COLUMNS)
    with pytest.raises(Invalid, match="no such statistic"):
        write(asked("pandas", "statistic", "word", statistic="mean"), HERE, COLUMNS)
    with pytest.raises(NotFound, match="no such quick fix"):
        _fix("pandas", "constant", ("far",), 5)
    with pytest.raises(Invalid, match="numbers"):
        _fix("pandas", "zeros", ("word",))


@pytest.mark.parametrize("dialect", ["pandas", "polars", "pyarrow", "duckdb"])
def test_a_table_is_loaded_with_secrets_from_the_environment(
    tmp_path: Path, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute('CREATE TABLE "it\'s" (a INTEGER)')
        connection.executemany('INSERT INTO "it\'s" VALUES (?)', [(1,), (2,)])
    connection.close()
    monkeypatch.setenv("SHOP_PLACE", str(path))
    source = SourceIn(kind="table", location="sqlite:///${SHOP_PLACE}", table="it's")
    written = load_table(source, dialect, "df")
    assert str(path) not in written
    _, scope = run(written, {})
    assert as_polars(scope["df"])["a"].to_list() == [1, 2]
    scope["engine"].dispose()


def test_every_mend_is_offered_by_some_alert() -> None:
    offered = {
        fix
        for kind in get_args(AlertCode)
        for kept in ("integer", "float", "text", "boolean", None)
        for looks in ("", "date")
        for many in (1, 2)
        for fix in fixes(kind, kept, looks, many=many)
    }
    assert offered == set(FIX_LABELS)


def test_a_longer_name_of_a_variable_is_used() -> None:
    wanted = CodeIn(what="statistic", column=0, statistic="mean", frame="über_1")
    assert "über_1['id']" in write(wanted, HERE, COLUMNS).code
    with pytest.raises(ValueError, match="frame"):
        CodeIn(what="load", frame="x; import os")
