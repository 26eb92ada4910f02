"""Why something failed, in words for a person; the sentences of libraries, which speak to their makers, go to the log."""

from __future__ import annotations

import logging
import re

LOG = logging.getLogger("orrery.engine")
_LONG = 300
# What stands in quotation marks, and numbers.
_QUOTED = re.compile(r"""(["'`]).*?(?:\1|$)|\d{3,}""")
_MEMORY = ("out of memory", "memory limit")
_RANGE = ("overflow", "out of range", "out of bounds")


class PlainError(ValueError):
    """What is wrong, in words for a person."""


def log(problem: BaseException) -> None:
    """Write what a library says of a problem to the log, without what it quotes, which may be data."""
    text = _QUOTED.sub("…", str(problem)[:_LONG].partition("\n")[0])
    LOG.info("%s: %s", type(problem).__name__, text)


def words(problem: BaseException) -> str:
    """Why values could not be computed with, without a point at its end."""
    if isinstance(problem, PlainError):
        return str(problem)
    log(problem)
    text = str(problem).lower()
    if isinstance(problem, MemoryError) or any(word in text for word in _MEMORY):
        return "there is not enough memory for it"
    if isinstance(problem, OverflowError) or any(word in text for word in _RANGE):
        return "its values are beyond the range that is computed with"
    return "its values are of a kind that cannot be computed with"
