"""Sessions with one database: a few at most, each used by one thread at a time, cancelled at the server."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from orrery_engine.catalog.catalog import Catalog
from orrery_engine.catalog.sessions import Session
from orrery_engine.catalog.spec import DatabaseSpec, Password
from orrery_engine.query.sessions import open_session
from orrery_wire.errors import BackendUnavailable, OrreryError

T = TypeVar("T")
_MOST = 4
_IDLE_SECONDS = 300.0


class Database:
    """A database of a connection. Belongs to one event loop."""

    def __init__(self, spec: DatabaseSpec, password: Password) -> None:
        self.spec = spec
        self.password = password
        self._threads = ThreadPoolExecutor(_MOST, thread_name_prefix="orrery-database")
        self._free: list[tuple[float, Session]] = []
        self._turns = asyncio.Semaphore(_MOST)
        self._lock = threading.Lock()
        self._is_closed = False

    async def catalog(self, work: Callable[[Catalog], T]) -> T:
        """What ``work`` gives, done in a thread; when it is cancelled, so is the statement, at the server.

        Raises:
            OrreryError: as the database says, in words.
        """
        return await self.session(lambda session: work(Catalog(self.spec, session)))

    async def session(self, work: Callable[[Session], T]) -> T:
        """Like ``catalog``, with the session itself."""
        async with self._turns:
            current: list[Session] = []
            loop = asyncio.get_running_loop()
            context = contextvars.copy_context()
            running = loop.run_in_executor(
                self._threads, partial(context.run, self._work, work, current)
            )
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                if current:
                    await loop.run_in_executor(None, current[0].cancel)
                running.add_done_callback(_ignore)
                raise

    def _work(self, work: Callable[[Session], T], current: list[Session]) -> T:
        session = self._take()
        current.append(session)
        try:
            result = work(session)
        except BaseException as problem:
            # What the server ended, or has left half read, is not used again.
            is_whole = isinstance(problem, OrreryError) and problem.status in (400, 403, 404)
            self._give_back(session, is_whole=is_whole)
            raise
        self._give_back(session, is_whole=True)
        return result

    def _take(self) -> Session:
        now = time.monotonic()
        with self._lock:
            if self._is_closed:
                raise BackendUnavailable("The connection was closed", remedy="Try again.")
            old = [session for at, session in self._free if now - at > _IDLE_SECONDS]
            self._free = [(at, session) for at, session in self._free if now - at <= _IDLE_SECONDS]
            session = self._free.pop()[1] if self._free else None
        for idle in old:
            idle.close()
        return session or open_session(self.spec, self.password)

    def _give_back(self, session: Session, *, is_whole: bool) -> None:
        with self._lock:
            if is_whole and not self._is_closed:
                self._free.append((time.monotonic(), session))
                return
        session.close()

    def close(self) -> None:
        """Close what nobody uses now; what is in use is closed when it is given back."""
        with self._lock:
            self._is_closed = True
            free, self._free = self._free, []
        for _, session in free:
            session.close()
        self._threads.shutdown(wait=False)


def _ignore(future: asyncio.Future[T]) -> None:
    """Take the outcome of what was cancelled, which nobody waits for."""
    if not future.cancelled():
        future.exception()
