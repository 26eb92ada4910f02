"""The first rows of Parquet are rows: of every column the values of the same ones, whatever files and groups hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orrery_engine.readers.columns import ArrowColumns
from orrery_engine.readers.parquet import ParquetTable

Columns = dict[str, list[Any]]


def opened(folder: Path, tables: list[Columns], sizes: list[int]) -> ParquetTable:
    """Files with row groups of these sizes, under names in their order."""
    paths = []
    for number, (columns, size) in enumerate(zip(tables, sizes, strict=True)):
        paths.append(folder / f"{number}.parquet")
        pq.write_table(pa.table(columns), paths[-1], row_group_size=size)
    return ParquetTable([lambda path=path: path for path in paths])


def expected(tables: list[Columns], names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """The rows as whoever wrote the files has them."""
    rows = []
    for columns in tables:
        count = len(next(iter(columns.values())))
        rows += [
            tuple(columns[n][k] if n in columns else None for n in names) for k in range(count)
        ]
    return rows


EARLY = {"id": [*range(5)], "v": [0.5, 1.5, 2.5, 3.5, 4.5]}
LATE = {"id": [*range(50, 55)], "v": [9.5] * 5, "added": [f"new{k}" for k in range(5)]}
NESTED = {"id": [7, 8], "tags": [["a", "b"], None]}
FOLDERS: list[tuple[list[Columns], list[int]]] = [
    ([EARLY, LATE], [10, 10]),
    ([LATE, EARLY], [10, 10]),
    ([EARLY, LATE, EARLY], [1, 2, 3]),
    ([LATE], [2]),
    ([EARLY, EARLY], [2, 10]),
    ([{"a": [1]}, {"b": ["x"]}, {"a": [2], "b": ["y"]}], [1, 1, 1]),
    ([{"id": [], "v": []}, EARLY], [10, 10]),
]


@pytest.mark.parametrize("count", [1, 4, 5, 6, 100])
@pytest.mark.parametrize(("tables", "sizes"), FOLDERS)
def test_first_rows_are_the_rows_of_the_files(
    tables: list[Columns], sizes: list[int], count: int, tmp_path: Path
) -> None:
    table = opened(tmp_path, tables, sizes)
    rows = expected(tables, table.names)
    assert list(table.head(count, 10)) == rows[:count]
    for place in range(len(table.names)):
        column = [row[place] for row in rows]
        assert table.start(place, count).to_list() == column[:count]
        assert table.column(place).to_list() == column


def test_values_of_folders_stand_beside_the_rows_of_their_files(tmp_path: Path) -> None:
    paths = []
    for year, columns in ((2023, EARLY), (2024, LATE)):
        paths.append(tmp_path / f"{year}.parquet")
        pq.write_table(pa.table(columns), paths[-1], row_group_size=2)
    years = [{"y": "2023"}, {"y": "2024"}]
    table = ParquetTable([lambda path=path: path for path in paths], partitions=years)
    assert table.names == ("id", "v", "added", "y")
    assert list(table.head(7, 10)) == [
        *((k, k + 0.5, None, 2023) for k in range(5)),
        *((k, 9.5, f"new{k - 50}", 2024) for k in (50, 51)),
    ]


def test_nested_values_of_small_groups_stay_whole(tmp_path: Path) -> None:
    table = opened(tmp_path, [EARLY, NESTED], [2, 1])
    place = table.names.index("tags")
    assert [row[place] for row in table.head(7, 10)] == [*[None] * 5, "['a', 'b']", None]


def test_a_column_with_too_few_values_is_empty_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = opened(tmp_path, [EARLY], [10])
    first = ParquetTable._first
    monkeypatch.setattr(
        ArrowColumns,
        "start",
        lambda self, index, count: self._series(index, first(self, index, count - index)),
    )
    assert list(table.head(3, 10)) == [(0, None), (1, None), (2, None)]


def test_how_wide_a_column_is_no_file_without_it_says(tmp_path: Path) -> None:
    long = {"id": [1, 2], "text": ["x" * 5_000] * 2}
    assert opened(tmp_path, [{"id": [*range(2_000)]}, long], [5_000, 5_000]).widest() > 4_000
