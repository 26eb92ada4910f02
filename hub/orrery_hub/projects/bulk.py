"""What an administrator does to many projects at once."""

from __future__ import annotations

import asyncio

from orrery_hub.base.bulk import BulkAction, BulkItem
from orrery_hub.projects.service import ProjectService


def bulk_actions(service: ProjectService) -> tuple[BulkAction, ...]:
    """Giving ownerless projects to somebody, and bringing deleted ones back."""

    async def check_recover(item: BulkItem) -> str:
        await asyncio.to_thread(service.check_recover, item.target, item.arguments["user"])
        return f"{item.arguments['user']} would own it."

    async def recover(item: BulkItem) -> str:
        await asyncio.to_thread(service.recover, item.who, item.target, item.arguments["user"])
        return f"{item.arguments['user']} owns it."

    async def check_restore(item: BulkItem) -> str:
        is_deleted = await asyncio.to_thread(service.is_deleted, item.target)
        return "It would come back." if is_deleted else "It is in use already."

    async def restore(item: BulkItem) -> str:
        await asyncio.to_thread(service.restore, item.who, item.target)
        return "It is in use."

    return (
        BulkAction(
            "projects.recover", "Give ownerless projects", check_recover, recover, ("user",)
        ),
        BulkAction("projects.undelete", "Bring projects back", check_restore, restore),
    )
