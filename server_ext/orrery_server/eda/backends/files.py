"""Runs and what they found as JSON files in the Jupyter data directory; nothing in them is ever executed."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from jupyter_core.paths import jupyter_data_dir
from pydantic import Field, ValidationError
from traitlets import Unicode, default

from orrery_engine.columns import LazyColumn, LazyColumns
from orrery_engine.run_result import RunResult
from orrery_engine.schemas import ColumnProfile, Failure, Result, Run
from orrery_server.base import files
from orrery_server.base.locks import ProcessLock, is_held
from orrery_server.eda.backend import ReportBackend
from orrery_wire.errors import NotFound
from orrery_wire.schemas import Shape

_RUN, _RESULT, _PAGE = ".run.json", ".jsonl", ".html"
_PART = 50
_LEFT_SECONDS = 3600.0


class Note(Shape):
    """The small file of a run: what the history shows, and which server runs it."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    run: Run
    server: str = Field(default="", pattern=r"^[0-9a-f]{0,32}$")


class Head(Shape):
    """The first line of what a run found; the columns follow in parts, so that reading them never stops a server for long."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    parts: int = Field(ge=0)
    result: Result


class Part(Shape):
    """Another line: some columns."""

    side: Literal["columns", "against"]
    items: tuple[ColumnProfile, ...]


class FileReports(ReportBackend):
    """Three files a run at most: `<id>.run.json`, `<id>.jsonl` and `<id>.html`."""

    folder = Unicode(help="Where runs are kept; `orrery/eda` in the Jupyter data directory.").tag(
        config=True
    )

    @default("folder")
    def _default_folder(self) -> str:
        return str(Path(jupyter_data_dir(), "orrery", "eda"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._root = Path(self.folder).expanduser().absolute()
        self._server = secrets.token_hex(8)
        self._process_lock: ProcessLock | None = None
        self._lock = threading.Lock()
        self._notes: dict[str, tuple[tuple[int, int], Note]] = {}

    async def runs(self) -> tuple[Run, ...]:
        return await asyncio.to_thread(self._runs)

    async def begin(self, run: Run) -> None:
        await asyncio.to_thread(self._begin, run)

    async def keep(self, run_result: RunResult, report: Path | None = None) -> Run:
        return await asyncio.to_thread(self._keep, run_result, report)

    async def load(self, id: str) -> tuple[RunResult, str]:
        return await asyncio.to_thread(self._load, id)

    async def delete(self, id: str) -> None:
        await asyncio.to_thread(self._delete, id)

    async def close(self) -> None:
        with self._lock:
            if self._process_lock is not None:
                self._process_lock.release()
                self._process_lock = None

    def _path(self, id: str, ending: str) -> Path:
        return self._root / f"{id}{ending}"

    def _runs(self) -> tuple[Run, ...]:
        """Every run; a file that has not changed is not read again."""
        alive: dict[str, bool] = {self._server: True}
        with self._lock:
            known, self._notes = self._notes, {}
            for path, stamp in self._files():
                before = known.get(path.name)
                note = before[1] if before and before[0] == stamp else self._read(path)
                if note is not None:
                    self._notes[path.name] = (stamp, note)
            notes = [note for _, note in self._notes.values()]
        items = [self._checked_run(note, alive) for note in notes]
        return tuple(sorted(items, key=lambda run: run.created, reverse=True))

    def _files(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        try:
            entries = list(os.scandir(self._root))
        except OSError:
            return
        for entry in entries:
            if entry.name.endswith(_RUN) and not entry.name.startswith("."):
                with suppress(OSError):
                    status = entry.stat()
                    yield Path(entry.path), (status.st_mtime_ns, status.st_ino)

    def _read(self, path: Path) -> Note | None:
        try:
            return Note.model_validate_json(path.read_bytes())
        except OSError:
            return None
        except ValidationError:
            self._set_aside(path)
            return None

    def _checked_run(self, note: Note, alive: dict[str, bool]) -> Run:
        """The run; one whose server is gone cannot go on."""
        run = note.run
        if run.state not in ("queued", "running"):
            return run
        if note.server not in alive:
            alive[note.server] = is_held(self._here(note.server))
        if alive[note.server]:
            return run
        stopped = Failure(
            code="internal_error",
            message="The server that ran it was stopped",
            reason="What it had found so far is lost.",
            remedy="Run it again.",
        )
        return run.model_copy(update={"state": "failed", "waiting": 0, "error": stopped})

    def _here(self, server: str) -> Path:
        return self._root / "servers" / (server or "none")

    def _begin(self, run: Run) -> None:
        with self._lock:
            if self._process_lock is None:
                process_lock = ProcessLock(self._here(self._server))
                try:
                    process_lock.take()
                except OSError as problem:
                    raise files.storage_error(problem, process_lock.path) from problem
                self._process_lock = process_lock
                self._tidy()
        self._note(run)

    def _tidy(self) -> None:
        """Take away what dead servers left half written."""
        long_ago = time.time() - _LEFT_SECONDS
        with suppress(OSError):
            for path in self._root.glob(".*.tmp"):
                if path.stat().st_mtime < long_ago:
                    path.unlink()
            for path in self._here(self._server).parent.iterdir():
                if path.stat().st_mtime < long_ago and not is_held(path):
                    path.unlink()

    def _note(self, run: Run) -> None:
        note = Note(run=run, server=self._server)
        files.write(self._path(run.id, _RUN), note.model_dump_json(by_alias=True).encode())

    def _keep(self, run_result: RunResult, report: Path | None) -> Run:
        name = run_result.run.id
        lines = [*_lines(run_result)]
        page = report.read_bytes() if report else b""
        run = run_result.run.model_copy(update={"bytes": sum(map(len, lines)) + len(page)})
        try:
            if page:
                files.write(self._path(name, _PAGE), page)
            files.write(self._path(name, _RESULT), b"".join(lines))
            self._note(run)
        except BaseException:
            self._forget(name, _PAGE, _RESULT)
            raise
        return run

    def _load(self, id: str) -> tuple[RunResult, str]:
        path = self._path(id, _RESULT)
        try:
            result = _whole(path)
        except OSError:
            raise _no_such(id) from None
        except ValueError:
            self._set_aside(path)
            raise _damaged() from None
        page = ""
        with suppress(OSError):
            page = self._path(id, _PAGE).read_text(encoding="utf-8", errors="replace")
        note = self._read(self._path(id, _RUN))
        return (replace(result, run=note.run) if note else result), page

    def _delete(self, id: str) -> None:
        if not self._path(id, _RUN).exists():
            raise _no_such(id)
        self._forget(id, _RUN, _RESULT, _PAGE)

    def _forget(self, id: str, *endings: str) -> None:
        for ending in endings:
            try:
                self._path(id, ending).unlink(missing_ok=True)
            except OSError as problem:
                raise files.storage_error(problem, self._path(id, ending)) from problem

    def _set_aside(self, path: Path) -> None:
        aside = files.set_aside(path, self._root / "aside")
        self.log.warning("orrery: a run could not be read and was moved to %s", aside)


def _lines(run_result: RunResult) -> Iterator[bytes]:
    """The file, line by line; a part is put together from the JSON that its columns are kept as."""
    parts = [
        (side, columns.items[at : at + _PART])
        for side, columns in (("columns", run_result.columns), ("against", run_result.against))
        for at in range(0, len(columns), _PART)
    ]
    head = Head(parts=len(parts), result=run_result.result())
    yield head.model_dump_json(by_alias=True).encode() + b"\n"
    for side, subset in parts:
        items = b",".join(column.json for column in subset)
        yield b'{"side":"%s","items":[%s]}\n' % (side.encode(), items)


def _whole(path: Path) -> RunResult:
    """What is in a file; ``ValueError`` if something is missing or is not what it should be."""
    sides: dict[str, list[LazyColumn]] = {"columns": [], "against": []}
    with path.open("rb") as file:
        head = Head.model_validate_json(file.readline())
        count = 0
        for line in file:
            part = Part.model_validate_json(line)
            sides[part.side] += map(LazyColumn.of, part.items)
            count += 1
    if count != head.parts:
        raise ValueError("the file is not whole")
    result = head.result
    return RunResult(
        run=result.run,
        overview=result.overview,
        comparison=result.comparison,
        checks=result.checks,
        columns=LazyColumns(sides["columns"]),
        against=LazyColumns(sides["against"]),
    )


def _no_such(id: str) -> NotFound:
    return NotFound(
        f"There is no run {id[:32]}",
        reason="It was deleted, or it never ended well.",
        remedy="Refresh the list of reports.",
    )


def _damaged() -> NotFound:
    return NotFound(
        "What this run found cannot be read",
        reason="Its file is damaged; it was put aside, beside the others.",
        remedy="Delete the run, and run it again.",
    )
