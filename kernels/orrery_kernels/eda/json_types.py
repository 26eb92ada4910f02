"""Types of JSON that the server and the worker exchange with a kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
OnProgress = Callable[[JsonObject], None]


def no_progress(_run: JsonObject) -> None:
    """Shows nothing."""
