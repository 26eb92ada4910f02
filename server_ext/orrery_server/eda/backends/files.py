"""Runs and what they found as JSON files in the Jupyter data directory; nothing in them is ever executed."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from jupyter_core.paths import jupyter_data_dir
from pydantic import Field, ValidationError
from traitlets import Unicode, default

from orrery_server.base.schema import Shape
from orrery_server.eda.backends.base import Found, ReportBackend
from orrery_server.eda.schemas import Failure, Run
from orrery_server.errors import NotFound
from orrery_server.reach import disk

_LONGEST_RUN = timedelta(days=1)


class Note(Shape):
    """The small file of a run: what the history shows, and whose server runs it."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    run: Run
    host: str = ""
    pid: int = 0


class FileReports(ReportBackend):
    """Three files a run at most: `<id>.run.json`, `<id>.json` and `<id>.html`."""

    folder = Unicode(help="Where runs are kept; `orrery/eda` in the Jupyter data directory.").tag(
        config=True
    )

    @default("folder")
    def _default_folder(self) -> str:
        return str(Path(jupyter_data_dir(), "orrery", "eda"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._root = Path(self.folder).expanduser().absolute()
        self._me = (socket.gethostname(), os.getpid())

    async def runs(self) -> tuple[Run, ...]:
        return await asyncio.to_thread(self._runs)

    async def begin(self, run: Run) -> None:
        await asyncio.to_thread(self._note, run)

    async def keep(self, found: Found, report: Path | None = None) -> Run:
        return await asyncio.to_thread(self._keep, found, report)

    async def load(self, id: str) -> tuple[Found, str]:
        return await asyncio.to_thread(self._load, id)

    async def delete(self, id: str) -> None:
        await asyncio.to_thread(self._delete, id)

    def _path(self, id: str, ending: str) -> Path:
        return self._root / f"{id}{ending}"

    def _runs(self) -> tuple[Run, ...]:
        found = []
        for path in self._root.glob("*.run.json"):
            try:
                note = Note.model_validate_json(path.read_bytes())
            except OSError:
                continue
            except ValidationError:
                aside = disk.set_aside(path, self._root / "aside")
                self.log.warning("orrery: a run could not be read and was moved to %s", aside)
                continue
            found.append(self._told(note))
        return tuple(sorted(found, key=lambda run: run.created, reverse=True))

    def _told(self, note: Note) -> Run:
        """The run; one whose server is gone cannot go on."""
        run = note.run
        if run.state not in ("queued", "running") or self._lives(note):
            return run
        return run.model_copy(
            update={
                "state": "failed",
                "error": Failure(
                    code="internal_error",
                    message="The server that ran it was stopped",
                    reason="What it had found so far is lost.",
                    remedy="Run it again.",
                ),
            }
        )

    def _lives(self, note: Note) -> bool:
        host, pid = self._me
        if (note.host, note.pid) == (host, pid):
            return True
        if note.host != host:
            return datetime.now(UTC) - note.run.created < _LONGEST_RUN
        try:
            os.kill(note.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True

    def _note(self, run: Run) -> None:
        host, pid = self._me
        note = Note(run=run, host=host, pid=pid)
        disk.write(self._path(run.id, ".run.json"), note.model_dump_json(by_alias=True).encode())

    def _keep(self, found: Found, report: Path | None) -> Run:
        key = found.run.id
        data = found.model_dump_json(by_alias=True).encode()
        page = report.read_bytes() if report else b""
        run = found.run.model_copy(update={"bytes": len(data) + len(page)})
        if page:
            disk.write(self._path(key, ".html"), page)
        try:
            disk.write(self._path(key, ".json"), data)
            self._note(run)
        except BaseException:
            self._forget(key, ".html", ".json")
            raise
        return run

    def _load(self, id: str) -> tuple[Found, str]:
        path = self._path(id, ".json")
        try:
            found = Found.model_validate_json(path.read_bytes())
        except OSError:
            raise _no_such(id) from None
        except ValidationError:
            aside = disk.set_aside(path, self._root / "aside")
            self.log.warning("orrery: what a run found could not be read, moved to %s", aside)
            raise _no_such(id) from None
        with suppress(OSError, ValidationError):
            note = Note.model_validate_json(self._path(id, ".run.json").read_bytes())
            found = found.model_copy(update={"run": note.run})
        page = ""
        with suppress(OSError):
            page = self._path(id, ".html").read_text(encoding="utf-8", errors="replace")
        return found, page

    def _delete(self, id: str) -> None:
        if not self._path(id, ".run.json").exists():
            raise _no_such(id)
        self._forget(id, ".run.json", ".json", ".html")

    def _forget(self, id: str, *endings: str) -> None:
        for ending in endings:
            with suppress(FileNotFoundError):
                self._path(id, ending).unlink()


def _no_such(id: str) -> NotFound:
    return NotFound(
        f"There is no run {id[:32]}",
        reason="It was deleted, or it never ended well.",
        remedy="Refresh the list of reports.",
    )
