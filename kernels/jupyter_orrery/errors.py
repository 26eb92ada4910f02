"""The exceptions that functions of this package raise; each says what failed, why, and what to do."""

from __future__ import annotations

from orrery_kernels.errors import (
    AmbiguousName,
    BodyTooLarge,
    Cancelled,
    OrreryError,
    RequestError,
    RunFailed,
    ServerUnavailable,
    SnippetNotFound,
    Unreadable,
    UsageError,
)

__all__ = [
    "AmbiguousName",
    "BodyTooLarge",
    "Cancelled",
    "OrreryError",
    "RequestError",
    "RunFailed",
    "ServerUnavailable",
    "SnippetNotFound",
    "Unreadable",
    "UsageError",
]
