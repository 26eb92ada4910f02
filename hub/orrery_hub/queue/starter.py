"""Starts the servers that were claimed, through JupyterHub's API, and keeps the dispatcher going."""

from __future__ import annotations

import asyncio
import logging
import time
from urllib.parse import quote

import httpx

from orrery_hub.base.accounts import account_of
from orrery_hub.base.cause_texts import cause_of
from orrery_hub.base.metrics import Metrics
from orrery_hub.queue.dispatcher import Dispatcher, Start
from orrery_wire.errors import OrreryError

log = logging.getLogger("orrery_hub.queue")

# JupyterHub is asked again for a start that it took after so long.
_REPEAT_SECONDS = 30.0
_START_SECONDS = 45.0
_RETRIED = frozenset({429, 502, 503, 504})
_PENDING = ("is pending", "already running")


class Starter:
    """Background work of the queue: a look every ``tick_seconds``, and the starts that it asks for."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        hub: httpx.AsyncClient,
        metrics: Metrics,
        *,
        tick_seconds: float = 2.0,
    ) -> None:
        self._tick_seconds = tick_seconds
        self._dispatcher = dispatcher
        self._hub = hub
        self._metrics = metrics
        self._requested_at: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_failing = False

    async def run(self) -> None:
        """Look and start until cancelled."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(self._tick_seconds)
        finally:
            for task in self._tasks:
                task.cancel()

    async def look(self) -> None:
        """Look once; what fails is tried again at the next look."""
        try:
            starts = await asyncio.to_thread(self._dispatcher.tick)
        except OrreryError as problem:
            self._metrics.background.labels("queue", "failed").inc()
            if not self._is_failing:
                log.warning("the queue stands still: %s", problem.reason or problem.message)
            self._is_failing = True
            return
        self._metrics.background.labels("queue", "done").inc()
        self._is_failing = False
        moment = time.monotonic()
        self._requested_at = {
            start.ticket: self._requested_at[start.ticket]
            for start in starts
            if start.ticket in self._requested_at
        }
        for start in starts:
            if moment - self._requested_at.get(start.ticket, -_REPEAT_SECONDS) < _REPEAT_SECONDS:
                continue
            self._requested_at[start.ticket] = moment
            task = asyncio.create_task(self._start_logged(start))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _start_logged(self, start: Start) -> None:
        try:
            await self.start(start)
        except (httpx.HTTPError, OrreryError) as problem:
            # The ticket stays claimed, and is in the next look.
            self._requested_at.pop(start.ticket, None)
            log.info("ticket %d: its server does not start yet: %r", start.ticket, problem)

    async def start(self, start: Start) -> None:
        """Have JupyterHub start the server of a ticket; first stop it, if it runs elsewhere."""
        server = f"/users/{quote(start.user, safe='')}/servers/{quote(start.server_name, safe='')}"
        if not await self._is_same_account(start):
            words = "The account of that name is not the one that asked for it."
            cause = cause_of("configuration", words)
            await asyncio.to_thread(self._dispatcher.fail, start, cause, is_final=True)
            return
        if start.is_beside:
            if not await asyncio.to_thread(self._dispatcher.may_stop, start):
                return
            if not await self._stop(server):
                self._requested_at.pop(start.ticket, None)
                return
            if not await asyncio.to_thread(self._dispatcher.swap, start):
                return
        answer = await self._hub.post(
            server, json={"user_options": start.options}, timeout=_START_SECONDS
        )
        self._count("start", answer)
        if answer.is_success:
            return
        message = _message(answer)
        if answer.status_code in _RETRIED or any(word in message for word in _PENDING):
            self._requested_at.pop(start.ticket, None)
            return
        is_refusal = answer.status_code < 500
        cause = cause_of("configuration" if is_refusal else "crash", message)
        await asyncio.to_thread(self._dispatcher.fail, start, cause, is_final=is_refusal)

    async def _is_same_account(self, start: Start) -> bool:
        """Whether the account that claimed the server has that name still; a moment that is not known is not compared."""
        if start.created is None:
            return True
        answer = await self._hub.get(f"/users/{quote(start.user, safe='')}", timeout=_START_SECONDS)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return False
        return account_of(answer.raise_for_status().json()).created == start.created

    async def _stop(self, server: str) -> bool:
        """Stop a server; whether it has stopped."""
        answer = await self._hub.delete(server, timeout=_START_SECONDS)
        self._count("stop", answer)
        return answer.status_code in (204, 404)

    def _count(self, what: str, answer: httpx.Response) -> None:
        outcome = "done" if answer.is_success else "failed"
        self._metrics.hub_calls.labels(f"queue {what}", outcome).inc()


def _message(answer: httpx.Response) -> str:
    """What JupyterHub says of a request that it refuses."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:500]
    return str(body.get("message", "")) if isinstance(body, dict) else ""
