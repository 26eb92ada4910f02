"""Profiles through the lab's server: begun, followed, stopped, told."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from orrery_kernels.client import Client
from orrery_kernels.errors import OrreryError, Refused

Told = Callable[[dict[str, Any]], None]

_WAIT = 10
_PAGE = 200
_WAY = 20.0


def quiet(_run: dict[str, Any]) -> None:
    """Tells nobody how far it is."""


class Eda:
    """Auto-EDA of one server."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def run(self, wanted: dict[str, Any], told: Told = quiet) -> dict[str, Any]:
        """Begin a run and follow it to its end; an interrupt stops it. The result, with its columns.

        Raises:
            Refused: it cannot be begun, or it failed.
        """
        run = self.client.call("POST", "eda/runs", body=wanted)
        try:
            result = self._follow(run, told)
        except BaseException:
            with suppress(OrreryError):
                self.client.call("POST", f"eda/runs/{run['id']}/cancel")
            raise
        if result["run"]["state"] != "done":
            error = result["run"]["error"] or {"message": "The run was cancelled"}
            raise Refused(409, {**error, "details": {}})
        found = self._columns(run["id"])
        return {"result": result, "columns": found}

    def begin(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Begin a run and go on; it can be found in the Profiles panel."""
        begun: dict[str, Any] = self.client.call("POST", "eda/runs", body=wanted)
        return begun

    def report(self, id: str, form: str, *, brief: bool = False) -> str:
        """What a run found, as a document."""
        query: dict[str, Any] = {"format": form, "brief": brief}
        answer = self.client.call("GET", f"eda/runs/{id}/report", query=query, timeout=120)
        return str(answer["content"])

    def checks(self, id: str, form: str) -> dict[str, Any]:
        """The checks that a profile suggests: the suite, and the same in a format."""
        answer: dict[str, Any] = self.client.call(
            "GET", f"eda/runs/{id}/checks", query={"format": form}
        )
        return answer

    def _follow(self, run: dict[str, Any], told: Told) -> dict[str, Any]:
        known = -1
        while True:
            query: dict[str, Any] = {"after": str(known), "wait": _WAIT}
            result: dict[str, Any] = self.client.call(
                "GET", f"eda/runs/{run['id']}", query=query, timeout=_WAIT + _WAY
            )
            now = result["run"]
            if now["revision"] != known:
                known = now["revision"]
                told(now)
            if now["state"] not in ("queued", "running"):
                return result
            # Many columns are many pieces of news; a person reads a few a second.
            time.sleep(0.05)

    def _columns(self, id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            query: dict[str, Any] = {"offset": str(len(found)), "limit": _PAGE}
            page = self.client.call("GET", f"eda/runs/{id}/columns", query=query)
            found += page["items"]
            if len(found) >= page["total"] or not page["items"]:
                return found
