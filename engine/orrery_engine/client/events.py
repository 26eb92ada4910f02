"""The lines of a worker, read as events."""

from __future__ import annotations

import logging

from pydantic import ValidationError

from orrery_engine.client import limits
from orrery_engine.schemas import WorkerEvent

_LOG = logging.getLogger("orrery")


class OutputTooLarge(ValueError):  # noqa: N818 - named by what happened
    """The worker wrote a longer line, or more lines, than it may."""


class EventReader:
    """Parses the lines of one worker. A line that is no event may hold data: its size is logged, never its text."""

    def __init__(self) -> None:
        self._bytes = 0
        self._strange = 0

    def parse(self, line: bytes) -> WorkerEvent | None:
        """The event of a line; None if it is none, or one for the log.

        Raises:
            OutputTooLarge: the worker has written more than it may.
        """
        self._bytes += len(line)
        if len(line) > limits.MAX_LINE_BYTES or self._bytes > limits.MAX_OUTPUT_BYTES:
            raise OutputTooLarge
        try:
            event = WorkerEvent.model_validate_json(line)
        except ValidationError:
            self._strange += 1
            if self._strange == 1:
                _LOG.warning("orrery: a worker said %d bytes that are no event", len(line))
            return None
        if event.event == "log":
            _LOG.info("orrery: a library in a worker said: %s", event.text)
            return None
        return event

    def close(self) -> None:
        """Log how many lines were no events."""
        if self._strange > 1:
            _LOG.warning("orrery: a worker said %d lines that are no events", self._strange)


def is_last(event: WorkerEvent) -> bool:
    """Whether nothing follows an event of a job."""
    return event.event in ("done", "failed")
