"""Runs through the lab's server: started, followed, cancelled, rendered."""

from __future__ import annotations

import time
from concurrent.futures import Future
from contextlib import suppress
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
        starting: Future[Run] = Future()
        try:
            # A thread starts it and its answer stays readable: whenever an interrupt comes, also between the answer and
            # its use, the run that it names can be stopped.
            Thread(
                target=self._start, args=(request, starting), daemon=True, name="orrery-eda"
            ).start()
            run = starting.result()
            result = self._follow(run, on_progress)
        except BaseException:
            self._cancel(starting)
            raise
        state = result["run"]["state"]
        if state == "cancelled":
            raise Cancelled(f"The run on {run['source']['name']} was cancelled")
        if state != "done":
            raise RunFailed.from_body(result["run"]["error"] or {"message": "The run failed"})
        return {"result": result, "columns": self._columns(run["id"])}

    def _start(self, request: RunIn, starting: Future[Run]) -> None:
        try:
            starting.set_result(self.calls.start(request))
        except BaseException as problem:  # noqa: BLE001 - raised again where the answer is read
            starting.set_exception(problem)

    def _cancel(self, starting: Future[Run]) -> None:
        """Stop the run, whose id may be on its way; what never started needs nothing."""
        with suppress(OrreryError, TimeoutError):
            if starting.exception(_LATE_SECONDS) is None:
                self.calls.cancel(starting.result()["id"])

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
