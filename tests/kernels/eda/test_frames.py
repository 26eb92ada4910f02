"""Which dataframes there are, told in an instant, without importing anything and without touching data."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from orrery_kernels.client import connect
from orrery_kernels.eda import frames
from orrery_kernels.eda.dataframes import dialect_of, names_of, shape, stamp
from orrery_kernels.errors import Unreadable, UsageError
from orrery_wire.errors import Cancelled, StorageFull
from tests.effort import trials
from tests.kernels.stub import Stub, answer_json

ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The person's own variables."""
    main = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    return vars(main)


def listed() -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in json.loads(frames.frames())}


def test_every_kind_is_listed_in_order(variables: dict[str, Any]) -> None:
    class Own(pd.DataFrame):
        """A dataframe of somebody's own class, as geopandas has one."""

    variables.update(
        first=pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        own=Own({"a": [1]}),
        eager=pl.DataFrame({"a": [1, 2, 3]}),
        lazy=pl.LazyFrame({"a": [1], "b": [2]}),
        table=pa.table({"a": [1]}),
        batch=pa.record_batch({"a": [1]}),
        relation=duckdb.sql("select 1 a, 2 b"),
        number=3,
        series=pd.Series([1]),
        _hidden=pd.DataFrame(),
        Out={1: pd.DataFrame()},
    )
    found = listed()
    assert [*found] == ["first", "own", "eager", "lazy", "table", "batch", "relation"]
    dialects = [one["dialect"] for one in found.values()]
    assert dialects == ["pandas", "pandas", "polars", "polars", "pyarrow", "pyarrow", "duckdb"]
    told = {name: (one["rows"], one["columns"]) for name, one in found.items()}
    assert told["first"] == (2, 2)
    assert told["lazy"] == (None, 2)
    assert told["relation"] == (None, 2)
    assert found["relation"]["bytes"] is None
    assert found["first"]["bytes"] > 16


def test_spark_is_known_by_its_name() -> None:
    for module, known in (
        ("pyspark.sql.dataframe", "spark"),
        ("pyspark.sql.connect.dataframe", "spark"),
        ("pyspark.pandas.frame", None),
    ):
        kind = type("DataFrame", (), {"__module__": module, "columns": ["a"]})
        assert dialect_of(kind()) == known
    assert shape(type("DataFrame", (), {"__module__": "pyspark.sql", "columns": ["a"]})()) == {
        "rows": None,
        "columns": 1,
        "bytes": None,
    }


def test_a_broken_frame_hides_no_other(variables: dict[str, Any]) -> None:
    class Broken(pd.DataFrame):
        @property
        def shape(self) -> tuple[int, int]:
            raise RuntimeError("broken")

    variables.update(broken=Broken(), fine=pd.DataFrame({"a": [1]}))
    found = listed()
    assert (found["broken"]["rows"], found["broken"]["columns"]) == (None, 0)
    assert found["fine"]["rows"] == 1


def test_size_of_objects_is_about_right() -> None:
    frame = pd.DataFrame({f"c{n}": [f"some text {row}" for row in range(20_000)] for n in range(3)})
    told = shape(frame)["bytes"]
    true = int(frame.memory_usage(deep=True).sum())
    assert told is not None
    assert 0.8 * true < told < 1.2 * true


def test_stamp_tells_what_was_replaced(variables: dict[str, Any]) -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    before = stamp(frame)
    assert stamp(frame) == before
    frame["b"] = 1
    added = stamp(frame)
    assert added != before
    frame["b"] = frame["b"] * 2
    assert stamp(frame) not in (before, added)
    eager = pl.DataFrame({"a": [1]})
    assert stamp(eager) != stamp(eager.with_columns(b=1))


def test_a_slow_plan_makes_nobody_wait(variables: dict[str, Any]) -> None:
    """The columns of a lazy frame may have to be asked for elsewhere."""
    asked = threading.Event()

    class LazyFrame:
        __module__ = "polars.lazyframe.frame"

        def collect_schema(self) -> Any:
            asked.wait(5)
            return pl.Schema({"a": pl.Int64})

    variables["lazy"] = LazyFrame()
    begun = time.perf_counter()
    assert listed()["lazy"]["columns"] == 0
    assert time.perf_counter() - begun < 1
    asked.set()
    assert names_of(LazyFrame()) == ["a"]


def test_listing_takes_no_time(variables: dict[str, Any]) -> None:
    """200 ms at most; counted as processor time, for the machine is shared."""
    variables["wide"] = pd.DataFrame(np.zeros((1_000, 2_395)))
    objects = pd.DataFrame({f"c{n}": ["x"] * 100_000 for n in range(200)})
    variables.update({f"objects{n}": objects for n in range(5)})
    variables.update({f"x{n}": n for n in range(10_000)})
    frames.frames()
    begun = time.process_time()
    frames.frames()
    assert time.process_time() - begun < 0.2


def test_nothing_is_imported_for_it() -> None:
    code = """
import sys
from orrery_kernels.eda.frames import frames
class DataFrame: pass
df = DataFrame()
assert frames() == "[]"
heavy = {"pandas", "polars", "pyarrow", "duckdb", "numpy", "pyspark", "IPython", "pydantic", "http.client"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_listing_while_cells_make_variables(variables: dict[str, Any]) -> None:
    stop = threading.Event()
    frame = pd.DataFrame({"a": [1]})

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            variables[f"v{number % 500}"] = frame
            variables.pop(f"v{(number * 7) % 500}", None)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(trials(100, 20)):
            json.loads(frames.frames())
    finally:
        stop.set()
        thread.join()


def offered(stub: Stub, tmp_path: Path) -> Path:
    """What a server answers to one who hands over."""
    path = tmp_path / "given.arrow"
    path.touch(0o600)
    stub.answers["POST eda/handovers"] = answer_json(201, {"id": ID, "path": str(path)})
    return path


def test_hand_over(variables: dict[str, Any], stub: Stub, tmp_path: Path) -> None:
    path = offered(stub, tmp_path)
    variables["df"] = pd.DataFrame({"a": range(10)})
    assert json.loads(frames.hand_over("df")) == {"id": ID, "rows": 10}
    assert pa.ipc.open_file(path).read_all().num_rows == 10
    (_, _, _, body) = stub.asked[0]
    assert (body["name"], body["dialect"], body["rows"]) == ("df", "pandas", 10)
    assert body["bytes"] >= 80


def test_hand_over_what_is_not_there(variables: dict[str, Any], stub: Stub) -> None:
    variables["number"] = 3
    for name in ("nothing", "number"):
        with pytest.raises(UsageError, match=f"no dataframe '{name}'"):
            frames.hand_over(name)
    assert stub.asked == []


def test_what_fails_is_withdrawn(variables: dict[str, Any], stub: Stub, tmp_path: Path) -> None:
    offered(stub, tmp_path).unlink()
    (tmp_path / "given.arrow").mkdir()
    variables["df"] = pd.DataFrame({"a": [1]})
    with pytest.raises(Unreadable, match="cannot be handed over"):
        frames.hand_over("df")
    assert stub.asked[-1][:2] == ("DELETE", f"/user/ada/orrery/eda/handovers/{ID}")


def test_interrupt_withdraws(stub: Stub, tmp_path: Path) -> None:
    offered(stub, tmp_path)

    def interrupt(rows: int, of: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        frames.hand_over_frame(connect(), pd.DataFrame({"a": [1]}), "df", interrupt)
    assert stub.asked[-1][0] == "DELETE"


def test_no_room_is_told_as_the_server_says(variables: dict[str, Any], stub: Stub) -> None:
    stub.answers["POST eda/handovers"] = answer_json(
        507, {"code": "storage_full", "message": "There is no room", "reason": "why"}
    )
    variables["df"] = pd.DataFrame({"a": [1]})
    with pytest.raises(StorageFull, match="There is no room\n  why"):
        frames.hand_over("df")


def test_stop_from_another_thread(variables: dict[str, Any], stub: Stub, tmp_path: Path) -> None:
    offered(stub, tmp_path)
    variables["df"] = pd.DataFrame({"a": np.zeros(5_000_000)})
    problems: list[BaseException] = []

    def leave() -> None:
        try:
            frames.hand_over_frame(
                connect(), variables["df"], "df", lambda rows, of: time.sleep(0.01)
            )
        except Cancelled as problem:
            problems.append(problem)

    thread = threading.Thread(target=leave)
    thread.start()
    limit = time.monotonic() + 20
    while not (under_way := json.loads(frames.leaving())) or not under_way[0]["rows"]:
        assert time.monotonic() < limit
        time.sleep(0.002)
    assert (under_way[0]["name"], under_way[0]["of"]) == ("df", 5_000_000)
    assert json.loads(frames.stop("other")) == 0
    assert json.loads(frames.stop("df")) == 1
    thread.join(5)
    assert "was stopped" in str(problems[0])
    assert json.loads(frames.leaving()) == []
    assert stub.asked[-1][0] == "DELETE"
