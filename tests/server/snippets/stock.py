"""Snippets by the handful, for tests that search and list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from orrery_server.snippets.schemas import Snippet
from orrery_wire.snippets import SnippetCell

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def snippet(id: str, name: str = "Name", code: str = "", **more: Any) -> Snippet:
    values: dict[str, Any] = {
        "id": id,
        "name": name,
        "cells": (SnippetCell(source=code),),
        "scope": "mine",
        "version": 1,
        "created": LONG_AGO,
        "created_by": "me",
        "updated": LONG_AGO,
        "updated_by": "me",
        "writable": True,
        **more,
    }
    return Snippet.model_validate(values)
