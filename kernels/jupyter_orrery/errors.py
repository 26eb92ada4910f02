"""The exceptions that functions of this package raise; each says what failed, why, and what to do."""

from __future__ import annotations

from orrery_kernels.errors import (
    Ambiguous,
    BodyTooLarge,
    Cancelled,
    NoSuchSnippet,
    OrreryError,
    RequestError,
    RunFailed,
    ServerUnavailable,
    Unreadable,
    UsageError,
)

__all__ = [
    "Ambiguous",
    "BodyTooLarge",
    "Cancelled",
    "NoSuchSnippet",
    "OrreryError",
    "RequestError",
    "RunFailed",
    "ServerUnavailable",
    "Unreadable",
    "UsageError",
]
