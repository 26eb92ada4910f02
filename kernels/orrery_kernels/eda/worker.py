"""Profiles without a lab: the worker process is started here and spoken to over its pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from orrery_kernels.eda.service import Told, quiet
from orrery_kernels.errors import Misused, NoServer, Refused

_PACKAGE = "orrery_server.eda"
_MEMORY = 8 * 2**30
_PACKED = (".gz", ".zst", ".bz2")
_FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".psv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".ndjson": "json",
    ".jsonl": "json",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".xlsx": "excel",
    ".xlsm": "excel",
}


def run(wanted: dict[str, Any], told: Told = quiet) -> dict[str, Any]:
    """Do a run in a process of its own, which ends with it; the result, with its columns.

    Raises:
        Refused: it failed.
        NoServer: the worker is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="orrery-eda-") as scratch:
        state = _State(wanted)
        job = {
            "id": state.run["id"],
            "task": wanted.get("task", "profile"),
            "source": _opening(wanted["source"]),
            "against": _opening(wanted["against"]) if wanted.get("against") else None,
            "suite": wanted.get("suite"),
            "options": wanted["options"],
            "memory": _MEMORY,
            "scratch": scratch,
        }
        _work(job, state, told)
        state.read(scratch)
    return {"result": state.result(), "columns": state.columns(), "page": state.page}


def render(found: dict[str, Any], form: str, *, brief: bool = False) -> str:
    """What was found, as a document."""
    words = ["--format", form, *(["--brief"] if brief else [])]
    return _program("report", words, {key: found[key] for key in ("result", "columns")})


def checks(found: dict[str, Any], form: str) -> str:
    """The checks that a profile suggests, in a format."""
    told = {key: found[key] for key in ("result", "columns")}
    return _program("checks", ["--format", form], told)


def _program(name: str, words: list[str], given: object) -> str:
    done = subprocess.run(  # noqa: S603 - this Python, and words of ours
        [sys.executable, "-P", "-m", f"{_PACKAGE}.{name}", *words],
        input=json.dumps(given).encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise _not_installed(done.stderr.decode(errors="replace"))
    return done.stdout.decode()


class _State:
    """What the worker has said so far, in the shapes that the server answers with."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self.run: dict[str, Any] = {
            "id": uuid4().hex,
            "task": wanted.get("task", "profile"),
            "source": wanted["source"],
            "against": wanted.get("against"),
            "options": wanted["options"],
            "by": os.environ.get("USER", ""),
            "state": "running",
            "stage": "reading",
            "progress": 0.0,
            "created": datetime.now(UTC).isoformat(),
        }
        self.page = ""
        self._path = ""
        self._parts: dict[str, Any] = {}
        self._columns: dict[int, dict[str, Any]] = {}
        self._stage_began = time.monotonic()

    def hear(self, news: dict[str, Any]) -> None:
        """Take in a line."""
        for key in ("stage", "progress"):
            if key in news:
                self.run[key] = news[key]
        if news.get("side", "source") == "source":
            self._columns.update((one["index"], one) for one in news.get("columns", ()))
        for key in ("overview", "comparison", "checks"):
            if key in news:
                self._parts[key] = news[key]
        overview = self._parts.get("overview")
        if overview:
            self.run["rows"] = overview.get("rows")
            self.run["columns"] = overview.get("columns", 0)
            self.run["alerts"] = len(overview.get("alerts", ()))
        self._path = news.get("path", self._path)

    def read(self, scratch: str) -> None:
        """The full report, if there is one."""
        path = Path(scratch, self._path)
        if self._path and path.resolve().is_relative_to(Path(scratch).resolve()):
            self.page = path.read_text(encoding="utf-8")
        self.run |= {"state": "done", "finished": datetime.now(UTC).isoformat()}

    def result(self) -> dict[str, Any]:
        """Everything but the columns."""
        return {"run": self.run, **self._parts}

    def columns(self) -> list[dict[str, Any]]:
        """The columns in their order."""
        return [one for _, one in sorted(self._columns.items())]


def _work(job: dict[str, Any], state: _State, told: Told) -> None:
    full = ["--full"] if job["task"] == "report" else []
    with subprocess.Popen(  # noqa: S603 - this Python, and words of ours
        [sys.executable, "-P", "-m", f"{_PACKAGE}.engine", *full],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=job["scratch"],
    ) as process:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise RuntimeError("a worker has no pipes")
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(json.dumps(job).encode() + b"\n")
                process.stdin.flush()
            for line in process.stdout:
                news = json.loads(line)
                if news["event"] == "failed":
                    raise Refused(422, {**news["error"], "details": {}})
                state.hear(news)
                told(state.run)
                if news["event"] == "done":
                    return
            raise _not_installed(process.stderr.read().decode(errors="replace"))
        finally:
            process.kill()


def _opening(source: dict[str, Any]) -> dict[str, Any]:
    kind, location = source["kind"], source["location"]
    if kind == "table":
        return {
            "reader": "table",
            "location": os.path.expandvars(location),
            "format": "database",
            "table": source["table"],
            "name": source["name"],
        }
    if kind == "frame":
        return {
            "reader": "arrow",
            "location": location,
            "format": "arrow",
            "name": source["name"],
        }
    if kind == "lake":
        raise Misused(
            "The lake is known to a lab only", remedy="Name the file by its path, or start a lab."
        )
    return {
        "reader": "files",
        "location": location,
        "format": _format(location),
        "name": source["name"],
    }


def _format(location: str) -> str:
    name = location.lower()
    for ending in _PACKED:
        name = name.removesuffix(ending)
    found = _FORMATS.get(Path(name).suffix)
    if found:
        return found
    inside = Path(location)
    if inside.is_dir():
        for path in sorted(inside.rglob("*")):
            if path.suffix.lower() in _FORMATS:
                return _FORMATS[path.suffix.lower()]
    raise Misused(
        f"{Path(location).name} cannot be profiled",
        reason="Its ending says nothing of a table.",
        remedy="Files of these endings can be: " + ", ".join(sorted(_FORMATS)) + ".",
    )


def _not_installed(said: str) -> NoServer:
    lines = [line for line in said.strip().splitlines() if line.strip()]
    return NoServer(
        "The worker could not do it",
        reason=lines[-1][:300] if lines else "It ended without a word.",
        remedy="Install it with: pip install 'jupyter-orrery[lab]'",
    )
