"""Who sent the request that is served: the person in a browser, or code of the lab, a kernel or a terminal.

Code has a token for Orrery's routes only. What a service lets the person do with more than that, it refuses to code.
"""

from __future__ import annotations

from contextvars import ContextVar

_is_code: ContextVar[bool] = ContextVar("orrery_is_code", default=False)


def note_caller(*, is_code: bool) -> None:
    """Note who sent the request of this task."""
    _is_code.set(is_code)


def is_code() -> bool:
    """Whether a kernel or terminal of this lab sent the request."""
    return _is_code.get()
