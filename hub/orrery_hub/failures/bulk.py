"""What an administrator does to many failures at once."""

from __future__ import annotations

import asyncio

from orrery_hub.base.bulk import BulkAction, BulkItem
from orrery_hub.failures.service import FailureService
from orrery_wire.errors import NotFound


def bulk_actions(service: FailureService) -> tuple[BulkAction, ...]:
    """Marking as handled."""

    async def check(item: BulkItem) -> str:
        is_handled = await asyncio.to_thread(service.is_handled, _number(item.target))
        return "It is handled already." if is_handled else "It would be marked."

    async def apply(item: BulkItem) -> str:
        is_new = await asyncio.to_thread(service.handle, item.who, _number(item.target))
        return "It is marked." if is_new else "It was handled already."

    return (BulkAction("failures.handle", "Mark failures as handled", check, apply),)


def _number(target: str) -> int:
    if target.isascii() and target.isdecimal() and len(target) < 10:
        return int(target)
    raise NotFound(
        f"There is no failure {target!r}",
        reason="Failures have numbers.",
        remedy="Choose them in the list.",
    )
