"""Log output: one JSON object per line, with the request's id, never a query string, header or body."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from orrery_hub.base.request_context import request_context
from orrery_wire.masking import MaskingFilter


class _Formatter(JsonFormatter):
    """Adds user and request id to every line."""

    def add_fields(
        self,
        log_data: dict[str, object],
        record: logging.LogRecord,
        message_dict: dict[str, object],
    ) -> None:
        super().add_fields(log_data, record, message_dict)
        current = request_context.get()
        if current.request_id:
            log_data.setdefault("request_id", current.request_id)
        if current.user:
            log_data.setdefault("user", current.user)


# Lines of a busy service are written together, and by this many seconds later than alone.
_TOGETHER_SECONDS = 0.05


class _Handler(logging.Handler):
    """Writes lines to standard error: from the event loop a few together, from warnings on each at once.

    Each write lets another thread compute, and the loop would have to wait until that one pauses.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self._is_due = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or note it to be written."""
        try:
            self._lines.append(self.format(record) + "\n")
            if record.levelno >= logging.WARNING or not self._defer():
                self.flush()
        except Exception:  # noqa: BLE001  # as every handler of logging does
            self.handleError(record)

    def _defer(self) -> bool:
        """Whether the event loop of this thread will write the lines."""
        if self._is_due:
            return True
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        loop.call_later(_TOGETHER_SECONDS, self.flush)
        self._is_due = True
        return True

    def flush(self) -> None:
        """Write what was noted."""
        with self.lock or contextlib.nullcontext():
            self._is_due = False
            lines, self._lines = self._lines, []
            sys.stderr.write("".join(lines))
            sys.stderr.flush()


def start(level: str) -> None:
    """Write every log record of this process to standard error as JSON."""
    handler = _Handler()
    handler.addFilter(MaskingFilter())
    handler.setFormatter(
        _Formatter(
            "{levelname}{name}{message}",
            style="{",
            timestamp=True,
            rename_fields={"levelname": "level", "name": "logger"},
        )
    )
    # What no line says need not be found out for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "alembic.runtime.migration"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # JupyterHub's client logs whole user models at debug level; the access log has the user's name.
    logging.getLogger("tornado.application").setLevel(logging.ERROR)
