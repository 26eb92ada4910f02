"""The exceptions that functions of this package raise; each says what failed, why, and what to do."""

from __future__ import annotations

from orrery_kernels.errors import (
    AmbiguousName,
    BodyTooLarge,
    RunFailed,
    ServerUnavailable,
    SnippetNotFound,
    Unreadable,
    UsageError,
)
from orrery_wire.errors import (
    BackendUnavailable,
    Cancelled,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OrreryError,
    SecretFound,
    StorageFull,
    TimedOut,
    TooLarge,
    TooMany,
)

__all__ = [
    "AmbiguousName",
    "BackendUnavailable",
    "BodyTooLarge",
    "Cancelled",
    "Conflict",
    "Forbidden",
    "Invalid",
    "NotFound",
    "OrreryError",
    "RunFailed",
    "SecretFound",
    "ServerUnavailable",
    "SnippetNotFound",
    "StorageFull",
    "TimedOut",
    "TooLarge",
    "TooMany",
    "Unreadable",
    "UsageError",
]
