"""Code and reports by Spark, on a local session; `make test-frameworks` installs it and runs this."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest

from orrery_engine import ydata_report
from orrery_engine.codegen.base import CodeTarget
from orrery_engine.codegen.quick_fixes import FIX_LABELS, Fix
from orrery_engine.codegen.spark import WRITER
from orrery_engine.schemas import Options, ResolvedSource, Spelling, Statistic, Top
from orrery_engine.stats.values import value
from orrery_wire.errors import Invalid
from tests.engine.cells import run
from tests.engine.codegen.test_codegen import BY_NAME, COLUMNS, FRAME, code

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    path = tmp_path_factory.mktemp("spark") / "frame.parquet"
    FRAME.write_parquet(path)
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "127.0.0.1")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    yield session.read.parquet(str(path)).cache()
    session.stop()


def quietly(written: str, **names: Any) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        return run(written, names)


@pytest.mark.parametrize("name", FRAME.columns)
def test_the_rows_of_a_value_are_shown(frame: Any, name: str) -> None:
    for raw in (FRAME[name][7], None):
        written = code("spark", "value", name, value=value(raw)).replace(".show()", ".select('id')")
        found = sorted(row[0] for row in run(written, {"df": frame})[0].collect())
        assert found == FRAME.filter(pl.col(name).eq_missing(pl.lit(raw)))["id"].to_list()


@pytest.mark.parametrize("name", FRAME.columns)
def test_every_statistic_runs_or_is_refused(frame: Any, name: str) -> None:
    for statistic in get_args(Statistic):
        with contextlib.suppress(Invalid):
            quietly(code("spark", "statistic", name, statistic=statistic), df=frame)


ODD_MENDS: dict[Fix, str] = {
    "blank_to_missing": "word",
    "group_rare": "kept",
    "hash_values": "word",
    "strip": "word",
    "to_index_text": "wild",
    "to_number": "kept",
    "to_time": "kept",
    "unify_spelling": "kept",
    "infinite_to_missing": "wild",
}


@pytest.mark.parametrize("fix", [one for one in FIX_LABELS if one != "drop_others"])
def test_every_mend_runs(frame: Any, fix: Fix) -> None:
    column = BY_NAME[ODD_MENDS.get(fix, "far")].model_copy(
        update={
            "placeholders": (Top(value=4, count=1),),
            "spellings": (Spelling(value="0", count=0, variants=(Top(value="none", count=7),)),),
        }
    )
    target = CodeTarget("df", COLUMNS, column)
    _, scope = quietly(WRITER.fix(target, fix), df=frame, reference=frame.limit(10))
    rows = scope["df"].collect()
    assert len(rows) == (30 if fix == "drop_shared" else 40)
    assert len(rows[0]) == len(FRAME.columns) - (fix == "drop_column")


def test_the_report_is_made_by_spark(frame: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "some.parquet", tmp_path / "report.html"
    hostile = ["<script>alert(1)</script>", "b"] * 50
    pl.DataFrame({"a": [float(n) for n in range(100)], "b": hostile}).write_parquet(source)
    told: list[float] = []
    resolved = ResolvedSource(reader="files", location=str(source), format="parquet")
    ydata_report.cluster(resolved, Options(seconds=600), out, told.append)
    page = out.read_text()
    assert "<script>alert" not in page
    assert "script-src 'sha256-" in page
    assert told[-1] == 1.0
