"""What the tests of the engine share: a job done in this process, and a worker of its own."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from orrery_engine import tasks
from orrery_engine.formats import format_of
from orrery_engine.protocol import EventWriter
from orrery_engine.schemas import ColumnProfile, Job, Options, Overview, ResolvedSource, WorkerEvent
from orrery_engine.stats.univariate import profile_column

MEMORY = 2 * 2**30


@dataclass
class Told:
    """Everything a job said."""

    event: list[WorkerEvent]
    columns: list[ColumnProfile] = field(default_factory=list)
    overview: Overview | None = None

    def named(self, name: str) -> ColumnProfile:
        """The first column of a name."""
        return next(one for one in self.columns if one.name == name)

    @property
    def last(self) -> Overview:
        """The overview as it was at the end."""
        assert self.overview is not None
        return self.overview


def gathered(event: list[WorkerEvent]) -> Told:
    """The last state of every column and of the overview."""
    columns: dict[int, ColumnProfile] = {}
    overview = None
    for one in event:
        columns |= {column.index: column for column in one.columns if one.side == "source"}
        overview = one.overview or overview
    return Told(event, [columns[index] for index in sorted(columns)], overview)


def resolved(path: Path | str, **more: Any) -> ResolvedSource:
    """How a file is opened, by its name."""
    kind = more.pop("format", None) or format_of(str(path)) or "parquet"
    reader = "arrow" if kind == "arrow" else "files"
    return ResolvedSource(reader=reader, location=str(path), format=kind, **more)


def job(
    source: ResolvedSource,
    scratch: Path,
    *,
    memory: int = MEMORY,
    task: str = "profile",
    **more: Any,
) -> Job:
    """A job on it; more are its options."""
    scratch.mkdir(exist_ok=True)
    return Job(
        id="0" * 32,
        task=task,
        source=source,
        against=more.pop("against", None),
        suite=more.pop("suite", None),
        options=Options(**more),
        memory=memory,
        scratch=str(scratch),
    )


def done(asked: Job) -> Told:
    """What the job said, done in this process."""
    out = io.StringIO()
    writer = EventWriter(out, threading.Lock())
    tasks.run(asked, writer)
    writer.done()
    # Not splitlines(): texts may hold other ends of lines than the one that ends news.
    lines = out.getvalue().removesuffix("\n").split("\n")
    return gathered([WorkerEvent.model_validate_json(line) for line in lines])


def profiled(path: Path | str, scratch: Path, **more: Any) -> Told:
    """The profile of a file."""
    return done(job(resolved(path), scratch, **more))


def of_table(table: pa.Table, folder: Path, *, ending: str = ".parquet", **more: Any) -> Told:
    """The profile of an Arrow table, written to a file first."""
    path = folder / f"data{ending}"
    if ending == ".parquet":
        pq.write_table(table, path)
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=64_000)
    return profiled(path, folder / "scratch", **more)


def column(values: Any, **more: Any) -> ColumnProfile:
    """The profile of one column."""
    series = values if isinstance(values, pl.Series) else pl.Series(values, **more)
    return profile_column(series, 0, "x", str(series.dtype), Options())


class Worker:
    """The worker as a process."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "orrery_engine", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def send(self, line: str) -> None:
        """One line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> WorkerEvent:
        """The next news."""
        assert self.process.stdout is not None
        return WorkerEvent.model_validate(json.loads(self.process.stdout.readline()))

    def until_end(self) -> Told:
        """All news of a job."""
        event = [self.hear()]
        while event[-1].event not in ("done", "failed"):
            event.append(self.hear())
        return gathered(event)

    def close(self) -> int:
        """End its input, as a server does that has gone; its exit code."""
        for pipe in (self.process.stdin,):
            if pipe is not None and not pipe.closed:
                pipe.close()
        code = self.process.wait(20)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        return code
