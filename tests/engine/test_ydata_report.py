"""The full report is the library's, made with progress and limits; nothing from data runs in it."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from orrery_engine import ydata_report
from orrery_engine.schemas import Options, ResolvedSource
from orrery_wire.errors import BackendUnavailable, Invalid, TimedOut
from tests.engine.pages import Reader
from tests.engine.tables import FrameTable
from tests.security.hostile.markup import markup

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    ydata_report.warm()


def shop(rows: int = 200) -> FrameTable:
    random = np.random.default_rng(4)
    frame = pl.DataFrame(
        {
            "price": random.normal(size=rows),
            "kind": random.choice(["a", "b"], rows),
            "day": pl.Series(range(rows)).cast(pl.Date),
        }
    )
    return FrameTable(frame)


def made(table: FrameTable, folder: Path, **options: Any) -> tuple[str, list[float]]:
    told: list[float] = []
    out = folder / "report.html"
    ydata_report.report(table, Options(**options), out, told.append)
    assert not list(folder.glob("*.part"))
    return out.read_text(encoding="utf-8"), told


def test_the_report_is_complete_and_progress_only_grows(tmp_path: Path) -> None:
    page, told = made(shop(), tmp_path)
    begin = "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv="
    assert page.startswith(begin)
    assert page.rstrip().endswith(("</script>", "</html>"))
    for name in ("price", "kind", "day"):
        assert name in page
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 10


def test_hostile_names_and_values_begin_no_tag_and_no_script_but_the_library_s_may_run(
    tmp_path: Path,
) -> None:
    hostile = list(dict.fromkeys(str(one) for one in markup()))
    frame = pl.DataFrame(
        {
            hostile[0]: hostile[:120],
            "category": pl.Series([hostile[n % 3] for n in range(120)]).cast(pl.Categorical),
            "list": [[one] for one in hostile[:120]],
            "bytes": [one.encode() for one in hostile[:120]],
        }
    )
    page, _ = made(FrameTable(frame), tmp_path)
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL | re.IGNORECASE)
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
        for one in scripts
    }
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="(.*?)">', page)
    allowed = set(re.findall(r"script-src (.*?);", policy)[0].split())
    assert hashes == allowed
    assert len(scripts) == 2
    assert "default-src 'none'" in policy
    seen = Reader(page)
    assert not {name for name, _ in seen.attributes if name.startswith("on")}
    assert "data-canary" not in {name for name, _ in seen.attributes}
    assert not {"iframe", "object", "embed", "form", "base"} & set(seen.tags)
    asked = [
        value for name, value in seen.attributes if name in ("src", "srcset", "data", "action")
    ]
    assert not [value for value in asked if not value.startswith("data:")]


def test_columns_of_one_name_and_without_name_are_told_apart() -> None:
    frame = pl.DataFrame({"a": [1], "b": [2], "c": [3], "d": [4]})
    named = ydata_report.as_pandas(FrameTable(frame, ["x", "x", "", "x (column 2)"]))
    assert list(named.columns) == ["x", "x (column 2)", "(column 3)", "x (column 2) (column 4)"]
    assert named.iloc[0].to_list() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("rows", "columns", "kind"),
    [
        (1_000, 20, "explorative"),
        (100_000, 20, "full"),
        (10, 100, "minimal"),
        (10**6, 20, "minimal"),
    ],
)
def test_the_larger_the_table_the_less_is_asked_for(rows: int, columns: int, kind: str) -> None:
    assert ydata_report.kind(rows, columns) == kind


def test_a_table_without_data_is_refused(tmp_path: Path) -> None:
    for frame in (pl.DataFrame(), pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)})):
        with pytest.raises(Invalid, match="nothing to report"):
            made(FrameTable(frame), tmp_path)


def test_it_stops_when_its_time_is_over(tmp_path: Path) -> None:
    with pytest.raises(TimedOut) as problem:
        made(shop(), tmp_path, seconds=0.001)
    assert problem.value.remedy
    assert list(tmp_path.glob("report*")) == []
    page, _ = made(shop(), tmp_path)
    assert page


@pytest.mark.parametrize("missing", ["data_profiling", "pyspark"])
def test_what_is_not_installed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr(
        ydata_report, "find_spec", lambda name: None if name == missing else object()
    )
    resolved = ResolvedSource(reader="files", location="x.parquet", format="parquet")
    out = tmp_path / "x.html"
    make = {
        "pyspark": lambda: ydata_report.cluster(resolved, Options(), out),
        "data_profiling": lambda: ydata_report.report(shop(), Options(), out),
    }
    with pytest.raises(BackendUnavailable) as problem:
        make[missing]()
    assert "pip install" in problem.value.remedy


def test_nobody_is_told_about_a_report() -> None:
    assert os.environ["YDATA_PROFILING_NO_ANALYTICS"] == "1"


def test_nothing_is_drawn_on_the_worker_s_output(tmp_path: Path) -> None:
    code = f"""
        from pathlib import Path
        from orrery_engine import ydata_report
        from orrery_engine.schemas import Options
        from tests.engine.test_ydata_report import shop
        ydata_report.report(shop(50), Options(), Path({str(tmp_path / "r.html")!r}))
    """
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert said.stdout == ""
    assert "%|" not in said.stderr
