"""Code is written by a worker, which runs it on the data before anybody sees it."""

from __future__ import annotations

import asyncio

from orrery_engine.client.pool import WorkerPool
from orrery_engine.schemas import Code, CodeJob, Job, Options, ResolvedSource, WorkerEvent
from orrery_wire.errors import OrreryError

# What reading and running may take; of more only the beginning is read.
_SECONDS = 20.0


class Coder:
    """Writes code in workers, at most so many at once."""

    def __init__(self, workers: WorkerPool, memory: int, most: int) -> None:
        self._workers = workers
        self._memory = memory
        self._turns = asyncio.Semaphore(most)

    async def write(self, request: CodeJob, source: ResolvedSource | None) -> Code:
        """The code, which did on the data what it promises.

        Raises:
            OrreryError: as the worker says why there is none.
        """
        async with self._turns:
            worker = await self._workers.take()
            last: list[WorkerEvent] = []
            try:
                job = Job(
                    id="code",
                    task="code",
                    source=source,
                    code=request,
                    options=Options(seconds=_SECONDS),
                    memory=self._memory,
                    scratch=str(worker.scratch),
                )
                await worker.work(job, last.append)
            finally:
                await worker.end()
                self._workers.warm()
        code = next((event.code for event in last if event.code is not None), None)
        if code is not None:
            return code
        error = last[-1].error if last else None
        raise OrreryError.from_body(
            error.model_dump() if error else {"message": "The code could not be written"}
        )
