"""Runs through the lab's server: started, followed, cancelled, rendered."""

from __future__ import annotations

import time
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from typing import cast

from orrery_kernels.client import Client, Query
from orrery_kernels.eda.json_types import JsonObject, OnProgress, no_progress
from orrery_kernels.errors import RunFailed
from orrery_wire.errors import Cancelled, OrreryError

_POLL_SECONDS = 10
_PAGE = 200
# How long an answer may take beyond what the server was asked to wait.
_NETWORK_SECONDS = 20.0
_RENDER_SECONDS = 120.0
_LATE_SECONDS = 10.0


class LabEda:
    """Auto-EDA of one server."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def run(self, request: JsonObject, on_progress: OnProgress = no_progress) -> JsonObject:
        """Start a run and follow it to its end; whatever interrupts this stops it. The result, with its columns.

        Raises:
            OrreryError: it cannot be started.
            RunFailed: it ended without a result.
            Cancelled: it was stopped somewhere else.
        """
        run = self._start_interruptibly(request)
        try:
            result = self._follow(run, on_progress)
        except BaseException:
            self._cancel(run)
            raise
        state = result["run"]["state"]
        if state == "cancelled":
            raise Cancelled(f"The run on {run['source']['name']} was cancelled")
        if state != "done":
            raise RunFailed.from_body(result["run"]["error"] or {"message": "The run failed"})
        return {"result": result, "columns": self._columns(run["id"])}

    def start(self, request: JsonObject) -> JsonObject:
        """Start a run and do not wait; it can be found in the panel."""
        return cast("JsonObject", self.client.call("POST", "eda/runs", body=request))

    def report(self, id: str, form: str, *, brief: bool = False) -> str:
        """The result of a run as a document."""
        return self._content(f"eda/runs/{id}/report", form, brief=brief)

    def checks(self, id: str, form: str) -> str:
        """The checks that a profile suggests, in a format."""
        return self._content(f"eda/runs/{id}/checks", form)

    def _content(self, path: str, form: str, *, brief: bool = False) -> str:
        query: Query = {"format": form, "brief": brief}
        document = self.client.call("GET", path, query=query, timeout=_RENDER_SECONDS)
        return str(document["content"])

    def _start_interruptibly(self, request: JsonObject) -> JsonObject:
        """Start a run; an interrupt before its id is known waits for that, for else nobody could stop it."""
        answers: Queue[JsonObject | OrreryError] = Queue()

        def start() -> None:
            try:
                answers.put(self.start(request))
            except OrreryError as problem:
                answers.put(problem)

        Thread(target=start, daemon=True, name="orrery-eda").start()
        try:
            answer = answers.get()
        except BaseException:
            with suppress(Empty):
                late = answers.get(timeout=_LATE_SECONDS)
                if not isinstance(late, OrreryError):
                    self._cancel(late)
            raise
        if isinstance(answer, OrreryError):
            raise answer
        return answer

    def _cancel(self, run: JsonObject) -> None:
        with suppress(OrreryError):
            self.client.call("POST", f"eda/runs/{run['id']}/cancel")

    def _follow(self, run: JsonObject, on_progress: OnProgress) -> JsonObject:
        revision = -1
        while True:
            result: JsonObject = self.client.call(
                "GET",
                f"eda/runs/{run['id']}",
                query={"after": str(revision), "wait": _POLL_SECONDS},
                timeout=_POLL_SECONDS + _NETWORK_SECONDS,
            )
            current = result["run"]
            if current["revision"] != revision:
                revision = current["revision"]
                on_progress(current)
            if current["state"] not in ("queued", "running"):
                return result
            # Many columns are many revisions; a person reads a few a second.
            time.sleep(0.05)

    def _columns(self, id: str) -> list[JsonObject]:
        columns: list[JsonObject] = []
        while True:
            query: Query = {"offset": str(len(columns)), "limit": _PAGE}
            page = self.client.call("GET", f"eda/runs/{id}/columns", query=query)
            columns += page["items"]
            if len(columns) >= page["total"] or not page["items"]:
                return columns
