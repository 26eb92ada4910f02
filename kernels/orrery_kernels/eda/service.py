"""Profiles through the lab's server: begun, followed, stopped, told."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from typing import Any

from orrery_kernels.client import Client
from orrery_kernels.errors import Cancelled, OrreryError, RunFailed

Told = Callable[[dict[str, Any]], None]

_WAIT = 10
_PAGE = 200
_WAY = 20.0
_RENDER_SECONDS = 120.0
_LATE = 10.0


def quiet(_run: dict[str, Any]) -> None:
    """Tells nobody how far it is."""


class Eda:
    """Auto-EDA of one server."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def run(self, wanted: dict[str, Any], told: Told = quiet) -> dict[str, Any]:
        """Begin a run and follow it to its end; whatever interrupts this stops it. The result, with its columns.

        Raises:
            RequestError: it cannot be begun.
            RunFailed: it ended without a result.
            Cancelled: it was stopped somewhere else.
        """
        run = self._begun(wanted)
        try:
            result = self._follow(run, told)
        except BaseException:
            self._cancel(run)
            raise
        state = result["run"]["state"]
        if state == "cancelled":
            raise Cancelled(f"The run on {run['source']['name']} was cancelled")
        if state != "done":
            raise RunFailed(result["run"]["error"] or {})
        return {"result": result, "columns": self._columns(run["id"])}

    def _begun(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Begin a run; an interrupt before its id is known waits for that, for else nobody could stop it."""
        answers: Queue[dict[str, Any] | OrreryError] = Queue()

        def ask() -> None:
            try:
                answers.put(self.begin(wanted))
            except OrreryError as problem:
                answers.put(problem)

        Thread(target=ask, daemon=True, name="orrery-eda").start()
        try:
            begun = answers.get()
        except BaseException:
            with suppress(Empty):
                late = answers.get(timeout=_LATE)
                if not isinstance(late, OrreryError):
                    self._cancel(late)
            raise
        if isinstance(begun, OrreryError):
            raise begun
        return begun

    def _cancel(self, run: dict[str, Any]) -> None:
        with suppress(OrreryError):
            self.client.call("POST", f"eda/runs/{run['id']}/cancel")

    def begin(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Begin a run and go on; it can be found in the Profiles panel."""
        begun: dict[str, Any] = self.client.call("POST", "eda/runs", body=wanted)
        return begun

    def report(self, id: str, form: str, *, brief: bool = False) -> str:
        """What a run found, as a document."""
        query: dict[str, Any] = {"format": form, "brief": brief}
        where = f"eda/runs/{id}/report"
        answer = self.client.call("GET", where, query=query, timeout=_RENDER_SECONDS)
        return str(answer["content"])

    def checks(self, id: str, form: str) -> str:
        """The checks that a profile suggests, in a format."""
        where = f"eda/runs/{id}/checks"
        answer = self.client.call("GET", where, query={"format": form}, timeout=_RENDER_SECONDS)
        return str(answer["content"])

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
