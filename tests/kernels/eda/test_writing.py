"""What is handed over is the dataframe: every type of every library, within the memory that is promised."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import threading
import time
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orrery_kernels.eda.arrow_writer import write
from orrery_kernels.eda.batches import MAX_ROWS, rows_of_batch
from orrery_kernels.eda.objects import LONGEST
from orrery_kernels.errors import Unreadable, UsageError
from orrery_wire.errors import Cancelled
from tests.effort import examples

ROWS = 1_000


class Loud:
    """A value whose text is code, and one that has none."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails

    def __repr__(self) -> str:
        if self.fails:
            raise RuntimeError("no text")
        return "<script>alert(1)</script>"

    __str__ = __repr__


def handed(value: Any, folder: Path, **more: Any) -> pa.Table:
    """The table as the server reads it."""
    path = folder / "frame.arrow"
    path.touch(0o600)
    rows = write(value, path, **more)
    table = pa.ipc.open_file(path).read_all()
    assert table.num_rows == rows
    return table


def column(values: Any, folder: Path) -> tuple[pa.Field, list[Any]]:
    """A column of pandas, as it arrives."""
    table = handed(pd.DataFrame({"x": values}), folder)
    return table.schema.field(0), table.column(0).to_pylist()


def note(field: pa.Field) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}


UTC = dt.UTC
NUMPY_KINDS: list[tuple[Any, pa.DataType, str]] = [
    (np.arange(3, dtype="int8"), pa.int8(), "int8"),
    (np.arange(3, dtype="uint64"), pa.uint64(), "uint64"),
    (np.array([1.5, np.nan, np.inf], dtype="float32"), pa.float32(), "float32"),
    (np.array([1, 2, 3], dtype="float16"), pa.float64(), "float16"),
    (np.array([True, False, True]), pa.bool_(), "bool"),
    (pd.to_datetime(["2020-01-01", None, "2021-01-01"]), pa.timestamp("ns"), "datetime64[ns]"),
    (
        pd.to_datetime(["2020-01-01", None, "2021-01-01"]).tz_localize("Asia/Tokyo"),
        pa.timestamp("ns", tz="Asia/Tokyo"),
        "datetime64[ns, Asia/Tokyo]",
    ),
    (pd.to_timedelta(["1s", None, "3s"]), pa.duration("ns"), "timedelta64[ns]"),
    (pd.array([1, None, 3], dtype="Int64"), pa.int64(), "Int64"),
    (pd.array([True, None, False], dtype="boolean"), pa.bool_(), "boolean"),
    (pd.array([1.5, None, 3], dtype="double[pyarrow]"), pa.float64(), "double[pyarrow]"),
    (pd.arrays.SparseArray([0, 0, 1]), pa.int64(), "Sparse[int64, 0]"),
]


@pytest.mark.parametrize(("values", "kind", "dtype"), NUMPY_KINDS, ids=lambda one: str(one)[:20])
def test_types_of_pandas(values: Any, kind: pa.DataType, dtype: str, tmp_path: Path) -> None:
    field, found = column(values, tmp_path)
    assert field.type == kind
    assert note(field)["orrery:dtype"] == dtype
    assert len(found) == 3


def test_not_a_number_is_not_missing(tmp_path: Path) -> None:
    table = handed(pd.DataFrame({"x": [1.0, np.nan, np.inf, -np.inf, 1e308]}), tmp_path)
    assert table.column(0).null_count == 0
    assert np.isnan(table.column(0)[1].as_py())


OBJECTS: list[tuple[list[Any], pa.DataType]] = [
    (["a", None, "\U0001f600"], pa.large_string()),
    ([True, None, False], pa.bool_()),
    ([1, None, 2**62], pa.int64()),
    ([1, 2**63], pa.uint64()),
    ([1, 1.5, None], pa.float64()),
    ([b"a", None], pa.large_binary()),
    ([Decimal("1.25"), None, Decimal("100")], pa.decimal128(5, 2)),
    ([Decimal("1e-30"), Decimal("1e20")], pa.decimal256(51, 30)),
    ([dt.date(2020, 1, 1), None], pa.date32()),
    ([dt.time(1, 2), None], pa.time64("us")),
    ([[1, 2], None, []], pa.list_(pa.int64())),
    ([{"a": 1}, {"a": 2}], pa.struct([("a", pa.int64())])),
    ([np.arange(2), np.arange(3)], pa.list_(pa.int64())),
    ([None, float("nan"), pd.NA, pd.NaT], pa.null()),
]


@pytest.mark.parametrize(("values", "kind"), OBJECTS, ids=lambda one: str(one)[:30])
def test_objects_of_one_type(values: list[Any], kind: pa.DataType, tmp_path: Path) -> None:
    field, found = column(pd.Series(values, dtype=object), tmp_path)
    assert field.type == kind
    assert "orrery:mixed" not in note(field)
    assert [one is None for one in found] == [
        one is None or one is pd.NA or one is pd.NaT or (isinstance(one, float) and one != one)
        for one in values
    ]


def test_mixed_values_are_told_as_such(tmp_path: Path) -> None:
    values = pd.Series([1, "1", None, 2.5, True, Loud(), Loud(fails=True)], dtype=object)
    field, found = column(values, tmp_path)
    assert field.type == pa.large_string()
    counts = json.loads(note(field)["orrery:mixed"])
    assert counts == {"int": 1, "str": 1, "float": 1, "bool": 1, "Loud": 2}
    assert found[:6] == ["1", "'1'", None, "2.5", "True", "<script>alert(1)</script>"]
    assert found[6] == "<Loud>"


def test_values_that_no_type_holds_are_texts(tmp_path: Path) -> None:
    one = uuid.uuid4()
    for values, told in (
        ([one], str(one)),
        ([2**70], str(2**70)),
        ([Decimal("NaN")], "NaN"),
        ([Loud()], "<script>alert(1)</script>"),
        ([1 + 2j], "(1+2j)"),
        ([dt.datetime(1, 1, 1), dt.datetime(2020, 1, 1, tzinfo=UTC)], "0001-01-01 00:00:00"),
    ):
        field, found = column(pd.Series(values, dtype=object), tmp_path)
        assert field.type == pa.large_string()
        assert found[0] == told


def test_ragged_mappings_and_lists_stay_nested(tmp_path: Path) -> None:
    """Ten rows with dictionaries made a well-known profiler ask for 20 PiB."""
    rows = [{f"key {row} {place}": place for place in range(300)} for row in range(10)]
    field, found = column(pd.Series(rows, dtype=object), tmp_path)
    assert pa.types.is_large_list(field.type)
    assert found[0][0] == {"key": "key 0 0", "value": "0"}
    field, found = column(pd.Series([[1], ["a", None], {2}], dtype=object), tmp_path)
    assert field.type == pa.large_list(pa.large_string())
    assert found == [["1"], ["a", None], ["2"]]


def test_text_is_cut_and_cannot_break_the_file(tmp_path: Path) -> None:
    field, found = column(["\ud800 half", "x" * (LONGEST * 2)], tmp_path)
    assert field.type == pa.large_string()
    assert found == ["\\ud800 half", "x" * (LONGEST * 2)]
    _, found = column([1, ["x" * (LONGEST * 2)]], tmp_path)
    assert len(found[1]) == LONGEST


def test_categories_keep_one_dictionary(tmp_path: Path) -> None:
    many = MAX_ROWS + 10
    frame = pd.DataFrame(
        {
            "words": pd.Categorical(["a", "b"] * (many // 2)),
            "numbers": pd.Categorical([1, None] * (many // 2)),
            "mixed": pd.Categorical([1, "a"] * (many // 2)),
            "range": pd.cut(np.arange(many), 3),
        }
    )
    table = handed(frame, tmp_path)
    assert table.column("words").type == pa.dictionary(pa.int32(), pa.large_string())
    assert table.column("numbers").to_pylist()[:2] == [1, None]
    assert table.column("words").to_pylist() == frame["words"].tolist()
    assert set(table.column("mixed").to_pylist()) == {"1", "'a'"}
    assert table.column("range")[0].as_py().startswith("(")


def test_names_may_repeat_and_be_anything(tmp_path: Path) -> None:
    frame = pd.DataFrame(np.zeros((2, 5)), columns=["a", "a", 1, ("x", 2), "\ud800ü"])
    assert handed(frame, tmp_path).schema.names == ["a", "a", "1", "('x', 2)", "\\ud800ü"]


@pytest.mark.parametrize(
    ("frame", "shape"),
    [
        (pd.DataFrame(), (0, 0)),
        (pd.DataFrame(index=range(7)), (7, 0)),
        (pd.DataFrame({"a": [], "b": pd.Series([], dtype="category")}), (0, 2)),
        (pl.DataFrame(), (0, 0)),
        (pl.DataFrame(schema={"a": pl.Categorical, "b": pl.Object}), (0, 2)),
        (pa.table({}), (0, 0)),
        (pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), (1, 2)),
    ],
    ids=str,
)
def test_empty_and_odd_shapes(frame: Any, shape: tuple[int, int], tmp_path: Path) -> None:
    assert handed(frame, tmp_path).shape == shape


def test_types_of_polars(tmp_path: Path) -> None:
    many = MAX_ROWS + 2
    frame = pl.DataFrame(
        {
            "category": pl.Series(["a", "b"] * (many // 2), dtype=pl.Categorical),
            "closed": pl.Series(["a", None] * (many // 2), dtype=pl.Enum(["b", "a"])),
            "inside": pl.Series([["a"], []] * (many // 2), dtype=pl.List(pl.Categorical)),
            "huge": pl.Series([1, 2**100] * (many // 2), dtype=pl.Int128),
            "object": pl.Series([1, {2}] * (many // 2), dtype=pl.Object),
            "money": pl.Series([1, 2] * (many // 2)).cast(pl.Decimal(20, 2)),
            "pair": pl.Series([{"a": 1}, None] * (many // 2)),
        }
    )
    table = handed(frame, tmp_path)
    assert table.schema.metadata[b"orrery:dialect"] == b"polars"
    assert pa.types.is_dictionary(table.column("category").type)
    assert table.column("category").to_pylist() == frame["category"].to_list()
    assert table.column("closed").to_pylist() == frame["closed"].to_list()
    assert table.column("inside").to_pylist()[:2] == [["a"], []]
    assert table.column("huge")[1].as_py() == str(2**100)
    assert json.loads(note(table.schema.field("object"))["orrery:mixed"])["set"] == many // 2
    assert note(table.schema.field("category"))["orrery:dtype"] == "Categorical"
    assert table.column("money").type == pa.decimal128(20, 2)
    assert table.num_rows == many


def test_lazy_frames_are_streamed(tmp_path: Path) -> None:
    lazy = pl.LazyFrame({"a": range(200_000)}).with_columns(
        c=pl.when(pl.col("a") % 2 == 0).then(pl.lit("x")).cast(pl.Categorical)
    )
    table = handed(lazy, tmp_path)
    assert table.column("a").to_pylist() == list(range(200_000))
    assert table.column("c").null_count == 100_000


class Strange(pa.ExtensionType):
    """A type of somebody's own."""

    def __init__(self) -> None:
        super().__init__(pa.int64(), "somebody.strange")

    def __arrow_ext_serialize__(self) -> bytes:
        return b"payload"

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type: Any, serialized: bytes) -> Strange:
        return cls()


def test_arrow_as_it_is_stored(tmp_path: Path) -> None:
    table = pa.table(
        {
            "strange": pa.ExtensionArray.from_storage(Strange(), pa.array([1, 2])),
            "words": pa.chunked_array(
                [pa.array(["a"]).dictionary_encode(), pa.array(["b"]).dictionary_encode()]
            ),
        }
    )
    found = handed(table, tmp_path)
    assert found.schema.field("strange").type == pa.int64()
    assert "strange" in note(found.schema.field("strange"))["orrery:dtype"]
    assert found.column("words").to_pylist() == ["a", "b"]
    assert handed(table.to_batches()[0].select(["words"]), tmp_path).num_rows == 1


def test_datasets_of_arrow(tmp_path: Path) -> None:
    import pyarrow.dataset

    dataset = pyarrow.dataset.dataset(pa.table({"a": range(10)}))
    assert handed(dataset, tmp_path).column("a").to_pylist() == list(range(10))


def test_relations_of_duckdb(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        relation = connection.sql(
            "select i, uuid() u, 'x'::ENUM('x', 'y') e, i::HUGEINT h, [i] l, {'a': i} s from range(200000) t(i)"
        )
        table = handed(relation, tmp_path)
        assert table.num_rows == 200_000
        assert note(table.schema.field("h"))["orrery:dtype"] == "HUGEINT"
        assert connection.sql("select 1").fetchall() == [(1,)]


def test_a_busy_connection_is_told(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        relation = connection.sql("select 1 a")
        stream = connection.sql("from range(10000000)").to_arrow_reader(10)
        stream.read_next_batch()
        with pytest.raises(Unreadable, match="does not give the relation's rows"):
            handed(relation, tmp_path)
        stream.close()


def test_what_cannot_be_computed_is_told_in_words(tmp_path: Path) -> None:
    lazy = pl.LazyFrame({"a": ["x"]}).with_columns(pl.col("a").cast(pl.Int64))
    with pytest.raises(Unreadable, match="InvalidOperationError"):
        handed(lazy, tmp_path)
    with duckdb.connect() as connection:
        relation = connection.sql("select error('no such luck') a from range(10)")
        with pytest.raises(Unreadable, match="no such luck"):
            handed(relation, tmp_path)


class Fickle(pd.api.extensions.ExtensionArray):
    """A column of somebody's own class that changes its mind."""

    dtype = pd.StringDtype("python")

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, where: Any) -> Any:
        found = self.values[where]
        return Fickle(found) if isinstance(where, slice) else found

    def copy(self) -> Fickle:
        return Fickle(list(self.values))

    def __arrow_array__(self, type: Any = None) -> pa.Array:
        return pa.array(self.values)


def test_a_column_that_changes_its_type_is_named(tmp_path: Path) -> None:
    frame = pd.DataFrame({"fine": [1, 2], "odd": Fickle([1, "x"])})
    with pytest.raises(Unreadable, match="The column 'odd' cannot be handed over"):
        handed(frame, tmp_path)


def test_no_dataframe(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="A dict is no dataframe"):
        handed({"a": 1}, tmp_path)


def test_file_is_that_of_the_server(tmp_path: Path) -> None:
    """It is not made here, no link is followed, and who removes it stops the writing."""
    frame = pd.DataFrame({"a": range(10)})
    with pytest.raises(Cancelled):
        write(frame, tmp_path / "nothing")
    (tmp_path / "elsewhere").touch()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unreadable):
        write(frame, tmp_path / "link")
    assert (tmp_path / "elsewhere").stat().st_size == 0


def test_removing_the_file_stops_the_writing(tmp_path: Path) -> None:
    path = tmp_path / "frame.arrow"
    path.touch()
    seen: list[int] = []

    def written(rows: int, of: int | None) -> None:
        seen.append(rows)
        if len(seen) == 3:
            path.unlink()

    frame = pd.DataFrame({"a": np.zeros(MAX_ROWS * 50)})
    with pytest.raises(Cancelled, match="was stopped"):
        write(frame, path, written)
    assert seen[-1] < len(frame) / 2


def test_progress_and_interrupt(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    frame = pd.DataFrame({"a": np.zeros(MAX_ROWS * 4)})
    handed(frame, tmp_path, on_written=lambda rows, of: seen.append((rows, of)))
    assert seen[0] == (0, len(frame))
    assert seen[-1] == (len(frame), len(frame))
    assert len(seen) >= 5

    def interrupt(rows: int, of: int | None) -> None:
        if rows:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        handed(frame, tmp_path, on_written=interrupt)


def test_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, *_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pa.ipc, "new_file", Full)
    with pytest.raises(Unreadable, match="There is no room") as told:
        handed(pd.DataFrame({"a": [1]}), tmp_path)
    assert "sample" in told.value.remedy


def test_cells_may_change_the_frame_meanwhile(tmp_path: Path) -> None:
    """The kernel's own thread adds and removes columns and rows while a subshell writes."""
    frame = pd.DataFrame(np.zeros((400_000, 8)), columns=list("abcdefgh"))
    frame["o"] = "x"
    stop = threading.Event()
    done = []

    def work() -> None:
        while not stop.is_set():
            frame["new"] = np.arange(len(frame))
            frame.loc[3, "a"] = 7.0
            del frame["new"]
            frame.sort_values("a", inplace=True)
            done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(4):
            table = handed(frame, tmp_path)
            assert table.num_rows == 400_000
            assert table.schema.names[:9] == [*"abcdefgh", "o"]
    finally:
        stop.set()
        thread.join()
    assert done


@pytest.mark.parametrize(
    ("rows", "size", "most"),
    [
        (1_000_000, 160_000_000, MAX_ROWS),
        (100_000, 100_000 * 2_395 * 8, 16 * 2**20 // (2_395 * 8) + 1),
        (10, 10 * 2**30, 1),
        (5, 0, MAX_ROWS),
    ],
)
def test_batches_are_a_small_part_of_the_frame(rows: int, size: int, most: int) -> None:
    found = rows_of_batch(rows, size)
    assert 1 <= found <= most


def anonymous() -> int:
    """Bytes of memory that are this process's own."""
    said = Path("/proc/self/status").read_text(encoding="ascii")
    return int(said.split("RssAnon:")[1].split()[0]) * 1024


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "wide"])
def test_memory_and_threads(kind: str, tmp_path: Path) -> None:
    """Never above a fifth of the frame, and no other thread waits for more than 200 ms."""
    rng = np.random.default_rng(0)
    if kind == "wide":
        frame: Any = pd.DataFrame(rng.normal(size=(20_000, 2_395)))
    else:
        frame = pd.DataFrame(rng.normal(size=(1_500_000, 16))).rename(columns=str)
        frame["text"] = [f"a text of some length {row}" for row in range(len(frame))]
        frame["words"] = pd.Categorical(["a", "b"] * (len(frame) // 2))
    size = int(frame.memory_usage(deep=False).sum())
    if kind == "polars":
        frame = pl.from_pandas(frame)
    elif kind == "pyarrow":
        frame = pa.Table.from_pandas(frame)
    handed(frame[:10] if kind != "pyarrow" else frame.slice(0, 10), tmp_path)
    before = anonymous()
    peaks, gaps, stop = [before], [0.0], threading.Event()

    def watch() -> None:
        last = time.perf_counter()
        while not stop.wait(0.002):
            now = time.perf_counter()
            gaps.append(now - last - 0.002)
            last = now
            peaks.append(anonymous())

    thread = threading.Thread(target=watch)
    thread.start()
    path = tmp_path / "frame.arrow"
    try:
        write(frame, path)
    finally:
        stop.set()
        thread.join()
    path.unlink()
    assert max(peaks) - before < 0.2 * size
    assert sorted(gaps)[int(len(gaps) * 0.95)] < 0.2


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(codec=None), max_size=5),
    st.binary(max_size=3),
    st.decimals(),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.times(),
    st.timedeltas(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.sets(st.integers(), max_size=2),
    st.tuples(st.integers(), st.text(max_size=2)),
    st.uuids(),
    st.complex_numbers(),
)


@settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(values, max_size=12))
def test_any_objects_arrive(tmp_path: Path, found: list[Any]) -> None:
    """Whatever stands in a column, there are as many rows, and what was missing is."""
    series = pd.Series(found, dtype=object)
    _, arrived = column(series, tmp_path)
    assert len(arrived) == len(found)
    for before, after in zip(found, arrived, strict=True):
        empty = before is None or (isinstance(before, float) and before != before)
        assert (after is None) == empty
