"""The worker process: jobs come in on standard input, news go out on standard output."""

from __future__ import annotations

import contextlib
import io
import os
import queue
import sys
import threading
from typing import IO

from orrery_engine.client.process import die_with_parent
from orrery_engine.error_mapping import failure, scrub, secrets
from orrery_engine.protocol import TICK_SECONDS, EventLog, EventWriter
from orrery_engine.schemas import Job, WorkerEvent
from orrery_wire.errors import BackendUnavailable


def main() -> None:
    """Work until standard input ends."""
    out = _own_output()
    die_with_parent()
    jobs: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True, name="listener").start()
    full = "--full" in sys.argv[1:]
    if not full:
        _one_thread_each()
    lock = threading.Lock()
    with _AnswerWhileWarming(EventWriter(out, lock), jobs):
        _warm(full=full)
    while True:
        _serve(jobs.get(), EventWriter(out, lock))


def _own_output() -> IO[str]:
    """The real standard output; what libraries print goes to standard error from now on."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The process ends at once, and what waits in a buffer would be lost.
        sys.stdout.reconfigure(line_buffering=True)
    return out


def _listen(jobs: queue.Queue[str]) -> None:
    """Pass lines on; at their end the process ends at once, whatever it does."""
    for line in sys.stdin:
        if line.strip():
            jobs.put(line)
    os._exit(0)


def _one_thread_each() -> None:
    """Let numpy work in the thread that calls it.

    The columns are spread over threads already; teams of their own inside those wait for each other in busy loops,
    which made a profile five times slower beside other work.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _warm(*, full: bool) -> None:
    """Import what every job needs, so that the first one need not wait."""
    import orrery_engine.cage
    import orrery_engine.tasks  # noqa: F401

    if full:
        from orrery_engine.ydata_report import warm

        # What is not installed is said to whoever asks for a report.
        with contextlib.suppress(BackendUnavailable):
            warm(rehearse=True)


class _AnswerWhileWarming(threading.Thread):
    """As a context: tells whoever sent a job already that this process lives, for a client kills a silent one."""

    def __init__(self, writer: EventWriter, jobs: queue.Queue[str]) -> None:
        super().__init__(daemon=True, name="warming")
        self._writer = writer
        self._jobs = jobs
        self._over = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.wait(TICK_SECONDS):
            if not self._jobs.empty():
                self._writer.write(WorkerEvent(event="progress", progress=0.0))


def _serve(line: str, writer: EventWriter) -> None:
    """Do one job, and tell how it ended."""
    from orrery_engine import cage, tasks

    hidden: list[str] = []
    with writer, EventLog(writer, lambda text: scrub(text, hidden)):
        try:
            job = Job.model_validate_json(line)
            hidden = secrets(job)
            cage.confine(job)
            tasks.run(job, writer)
        except BaseException as problem:  # noqa: BLE001 - the edge of the process: polars panics are no Exception
            writer.failed(failure(problem, hidden))
        else:
            writer.done()


if __name__ == "__main__":
    main()
