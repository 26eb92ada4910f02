"""How the worker speaks: one line of JSON for each piece of news, from any thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import IO

from orrery_engine.plain_words import LOG
from orrery_engine.schemas import (
    CheckResults,
    Code,
    ColumnProfile,
    Comparison,
    Failure,
    Overview,
    Stage,
    WorkerEvent,
)

_BATCH = 50
_LOGGED = 50  # lines of a job
_PATIENCE = 0.15
TICK_SECONDS = 0.4


class EventWriter:
    """Says what became of one job; keeps columns back for a moment, so that many go in one line."""

    def __init__(self, out: IO[str], lock: threading.Lock) -> None:
        self._out = out
        self._lock = lock
        self._waiting: dict[str, list[ColumnProfile]] = {"source": [], "against": []}
        self._flushed_at = 0.0
        self._progress = 0.0
        self._ticker = _Ticker(self._tick)

    def __enter__(self) -> EventWriter:
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ticker.stop()

    def write(self, event: WorkerEvent) -> None:
        """Send a line."""
        line = event.model_dump_json(exclude_defaults=True)
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()

    def stage(self, stage: Stage, progress: float) -> None:
        """A new stage has begun."""
        self.flush()
        self.progress(progress)
        self.write(WorkerEvent(event="stage", stage=stage, progress=self._progress))

    def progress(self, share: float) -> None:
        """How much of the whole is done; told a little later."""
        self._progress = min(1.0, max(self._progress, share))

    def _tick(self) -> None:
        self.write(WorkerEvent(event="progress", progress=self._progress))

    def column(self, profile: ColumnProfile, side: str = "source") -> None:
        """A column is known; the first one is told at once."""
        waiting = self._waiting[side]
        waiting.append(profile)
        if len(waiting) >= _BATCH or time.monotonic() - self._flushed_at > _PATIENCE:
            self.flush()

    def flush(self) -> None:
        """Tell the columns that were kept back."""
        for side, waiting in self._waiting.items():
            if waiting:
                columns = tuple(waiting)
                waiting.clear()
                self.write(
                    WorkerEvent(
                        event="columns",
                        side="source" if side == "source" else "against",
                        columns=columns,
                        progress=self._progress,
                    )
                )
        self._flushed_at = time.monotonic()

    def overview(self, overview: Overview) -> None:
        """The table as a whole."""
        self.flush()
        self.write(WorkerEvent(event="overview", overview=overview, progress=self._progress))

    def comparison(self, comparison: Comparison) -> None:
        """Two tables side by side."""
        self.flush()
        self.write(WorkerEvent(event="comparison", comparison=comparison))

    def checks(self, results: CheckResults) -> None:
        """What became of the checks."""
        self.write(WorkerEvent(event="checks", checks=results))

    def code(self, code: Code) -> None:
        """Code that was run."""
        self.write(WorkerEvent(event="code", code=code))

    def report(self, path: str) -> None:
        """Where the full report is."""
        self.write(WorkerEvent(event="report", path=path))

    def done(self) -> None:
        """Nothing more will be said of this job."""
        self._ticker.stop()
        self.flush()
        self.write(WorkerEvent(event="done", stage="finished", progress=1.0))

    def failed(self, failure: Failure) -> None:
        """The job ended badly."""
        self._ticker.stop()
        self.write(WorkerEvent(event="failed", error=failure))


class EventLog(logging.Handler):
    """As a context: passes what is logged of libraries on as events, the first of each job."""

    def __init__(self, writer: EventWriter, scrub: Callable[[str], str]) -> None:
        super().__init__(logging.INFO)
        self._writer, self._scrub, self._left = writer, scrub, _LOGGED

    def __enter__(self) -> None:
        LOG.setLevel(logging.INFO)
        LOG.addHandler(self)

    def __exit__(self, *_: object) -> None:
        LOG.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Send a line."""
        self._left -= 1
        if self._left >= 0:
            text = self._scrub(record.getMessage())
            self._writer.write(WorkerEvent(event="log", text=text))


class _Ticker(threading.Thread):
    """Tells the progress again and again, so that the server knows that the worker lives."""

    def __init__(self, tick: object) -> None:
        super().__init__(daemon=True, name="ticker")
        self._tick = tick
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(TICK_SECONDS):
            if callable(self._tick):
                self._tick()

    def stop(self) -> None:
        """Tick no more; nothing is said once this returns."""
        self._over.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join()
