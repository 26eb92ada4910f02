"""Log output: one JSON object per line, with the request's id, never a query string, header or body."""

from __future__ import annotations

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from orrery_hub.base.request_context import request_context


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


def start(level: str) -> None:
    """Write every log record of this process to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Formatter(
            "{levelname}{name}{message}",
            style="{",
            timestamp=True,
            rename_fields={"levelname": "level", "name": "logger"},
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "alembic.runtime.migration"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # JupyterHub's client logs whole user models at debug level; the access log has the user's name.
    logging.getLogger("tornado.application").setLevel(logging.ERROR)
