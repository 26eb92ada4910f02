"""What libraries say of data reaches the log, and a person is given plain words."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from orrery_engine import plain_words
from orrery_engine.client.events import EventReader
from orrery_engine.error_mapping import failure
from orrery_engine.protocol import EventLog
from orrery_engine.schemas import Options, WorkerEvent
from orrery_engine.stats import univariate
from tests.engine.worker_jobs import profiled

RAW = (
    duckdb.IOException("IO Error: Input is not a GZIP stream"),
    duckdb.ConversionException('Conversion Error: Could not convert "Ann" to INT64'),
    pl.exceptions.ComputeError("arithmetic overflow in decimal128"),
    pl.exceptions.PanicException("called `Option::unwrap()` on a `None` value"),
    ValueError("invalid literal for int() with base 10: 'secret'"),
    OverflowError("Python int too large to convert to C long"),
    MemoryError("malloc of size 99999"),
    KeyError("x"),
    EOFError("Compressed file ended before the end-of-stream marker was reached"),
)


@pytest.mark.parametrize("problem", RAW, ids=lambda own: type(own).__name__)
def test_raw_words_go_to_the_log_alone(
    problem: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "orrery.engine"):
        for text in (failure(problem).reason, plain_words.words(problem)):
            assert text
            assert str(problem) not in text
    assert type(problem).__name__ in caplog.text
    # The log holds no data.
    assert not any(word in caplog.text for word in ("Ann", "secret", "99999"))


def test_own_words_and_those_of_the_machine_stay() -> None:
    own = plain_words.PlainError("a database compares whole rows only")
    assert plain_words.words(own) == failure(own).reason == str(own)
    assert "timed out" in failure(TimeoutError("timed out")).reason


def test_a_column_that_fails_says_so_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise pl.exceptions.ComputeError("`cast` failed: overflow in `i128`")

    monkeypatch.setitem(univariate._WAYS, "integer", fail)
    column = univariate.profile_column(pl.Series([1, 2]), 0, "x", "i", Options())
    assert column.unread
    assert (
        column.note
        == "This column could not be summarised: its values are beyond the range that is computed with."
    )


def test_a_worker_passes_them_on_without_secrets() -> None:
    events: list[WorkerEvent] = []

    class Writer:
        def write(self, event: WorkerEvent) -> None:
            events.append(event)

    with EventLog(Writer(), lambda text: text.replace("hunter", "***")):  # type: ignore[arg-type]
        plain_words.log(ValueError("no hunter there"))
    plain_words.log(ValueError("not passed on"))
    assert [(event.event, event.text) for event in events] == [("log", "ValueError: no *** there")]
    assert EventReader().parse(events[0].model_dump_json().encode()) is None


@pytest.mark.parametrize("name", ["x.csv.gz", "x.ndjson.gz", "x.csv"])
def test_zeros_behind_packed_data_are_no_data(name: str, tmp_path: Path) -> None:
    import gzip

    text = b'{"n":"a","v":1}\n{"n":"b","v":2}\n' if "json" in name else b"n,v\na,1\nb,2\n"
    for zeros in (1, 3, 512, 70_000):
        for packed in (gzip.compress(text), gzip.compress(text[:16]) + gzip.compress(text[16:])):
            (tmp_path / name).write_bytes(packed + bytes(zeros))
            profile = profiled(tmp_path / name, tmp_path / f"s{zeros}{len(packed)}")
            assert (profile.last.rows, [own.name for own in profile.columns]) == (2, ["n", "v"])
