"""Runs through the lab's server: started, followed, cancelled, rendered."""

from __future__ import annotations

import time
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread

from orrery_kernels.client import Client
from orrery_kernels.eda.progress import OnProgress, no_progress
from orrery_kernels.eda.views import ProfileData
from orrery_kernels.errors import RunFailed
from orrery_wire.errors import Cancelled, OrreryError
from orrery_wire.types.eda import ColumnProfile, EdaCalls, Result, Run, RunIn

_POLL_SECONDS = 10.0
_PAGE = 200
# How long an answer may take beyond what the server was asked to wait.
_NETWORK_SECONDS = 20.0
_LATE_SECONDS = 10.0


class LabEda:
    """Auto-EDA of one server."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.calls = EdaCalls(client)

    def run(self, request: RunIn, on_progress: OnProgress = no_progress) -> ProfileData:
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

    def _start_interruptibly(self, request: RunIn) -> Run:
        """Start a run; an interrupt before its id is known waits for that, for else nobody could stop it."""
        answers: Queue[Run | OrreryError] = Queue()

        def start() -> None:
            try:
                answers.put(self.calls.start(request))
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

    def _cancel(self, run: Run) -> None:
        with suppress(OrreryError):
            self.calls.cancel(run["id"])

    def _follow(self, run: Run, on_progress: OnProgress) -> Result:
        revision = -1
        while True:
            result = self.calls.watch(
                run["id"],
                {"after": revision, "wait": _POLL_SECONDS},
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

    def _columns(self, id: str) -> list[ColumnProfile]:
        columns: list[ColumnProfile] = []
        while True:
            page = self.calls.columns(id, {"offset": len(columns), "limit": _PAGE})
            columns += page["items"]
            if len(columns) >= page["total"] or not page["items"]:
                return columns
