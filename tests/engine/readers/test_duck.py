"""What does not fit into memory is cut like what does not fit into the time: the first rows, and it is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orrery_engine.readers import duck
from orrery_engine.readers.staged import CUT
from orrery_engine.readers.text.table import TextTable
from orrery_engine.schemas import Job, ReaderOptions

# A list of all numbers is held at one time.
LARGE = "SELECT list(i) AS numbers FROM range(20000000) AS t(i)"


def test_rows_that_memory_does_not_hold_are_not_written(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    config = {"memory_limit": "48MiB", "threads": "1", "temp_directory": ""}
    with duck.caged([tmp_path], [], config) as connection:
        assert not duck.copied(connection, LARGE, out, 30.0)
        assert not out.exists()
        assert duck.copied(connection, "SELECT 1 AS a", out, 30.0)
        with pytest.raises(duckdb.OutOfMemoryException):
            duck.copy_first(connection, LARGE, out, 30.0, 1)
        assert not out.exists()


@pytest.mark.parametrize("stops", [1, 2, 3])
def test_a_text_that_memory_does_not_hold_is_read_as_far_as_it_does(
    stops: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("n,t\n" + "".join(f"{place},a{place}\n" for place in range(300_000)))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    plain, left = duck._stopped, stops

    def stopped(*words: Any) -> Exception | None:
        nonlocal left
        left -= 1
        return duckdb.OutOfMemoryException("could not allocate") if left >= 0 else plain(*words)

    monkeypatch.setattr(duck, "_stopped", stopped)
    job = Job(id="0" * 32, task="profile", memory=2**30, scratch=str(scratch))
    table = TextTable([path], ReaderOptions(), job, path.stat().st_size)
    table.prepare()
    assert table.rows is None
    assert table.sampling is not None
    assert CUT in table.sampling.why
    assert table.column(0).to_list()[:3] == [0, 1, 2]
    assert len(table.column(0)) == (300_000 if stops < 3 else 50_000)
    table.close()
