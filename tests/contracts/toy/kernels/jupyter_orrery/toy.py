"""Toys from Python."""

from __future__ import annotations

__all__ = ["names"]


def names() -> tuple[str, ...]:
    """The names of the toys."""
    return ()
