"""What a worker has said so far, in the shapes that the server answers with."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from orrery_kernels.errors import RunFailed

_PARTS = ("overview", "comparison", "checks")


class State:
    """A run of a worker of this process."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self.run: dict[str, Any] = {
            "id": uuid4().hex,
            "task": wanted["task"],
            "source": wanted["source"],
            "against": wanted.get("against"),
            "options": wanted["options"],
            "by": _person(),
            "state": "running",
            "stage": "reading",
            "progress": 0.0,
            "created": datetime.now(UTC).isoformat(),
        }
        self.page = ""
        self._path = ""
        self._parts: dict[str, Any] = {}
        self._columns: dict[int, dict[str, Any]] = {}

    def hear(self, news: dict[str, Any]) -> None:
        """Take in a line."""
        for key in ("stage", "progress"):
            if news.get(key) is not None:
                self.run[key] = news[key]
        if news.get("side", "source") == "source":
            self._columns.update((one["index"], one) for one in news.get("columns", ()))
        for key in _PARTS:
            if news.get(key) is not None:
                self._parts[key] = news[key]
        self._count()
        self._path = news.get("path") or self._path

    def _count(self) -> None:
        overview = self._parts.get("overview") or {}
        comparison = self._parts.get("comparison") or {}
        results = self._parts.get("checks") or {}
        known = {
            "rows": overview.get("rows", comparison.get("rows_after", results.get("rows"))),
            "columns": overview.get("columns"),
            "sampling": overview.get("sampling"),
        }
        self.run |= {key: value for key, value in known.items() if value is not None}
        self.run["alerts"] = len((overview or comparison).get("alerts", ()))
        if results:
            self.run["failing"] = sum(not one["passed"] for one in results["results"])

    def end(self, scratch: str) -> None:
        """Take the full report if there is one; it has to lie in the scratch folder."""
        self.run |= {
            "state": "done",
            "stage": "finished",
            "progress": 1.0,
            "finished": datetime.now(UTC).isoformat(),
        }
        if not self._path:
            return
        path = Path(scratch, self._path).resolve()
        if not path.is_relative_to(Path(scratch).resolve()):
            raise RunFailed({"message": "The worker named a report that is not its own"})
        self.page = path.read_text(encoding="utf-8")

    def result(self) -> dict[str, Any]:
        """Everything but the columns."""
        return {"run": self.run, **self._parts}

    def columns(self) -> list[dict[str, Any]]:
        """The columns in their order."""
        return [one for _, one in sorted(self._columns.items())]


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
