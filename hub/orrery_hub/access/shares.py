"""Sharing a server by a link: JupyterHub's share codes, asked for with the person's own token.

A link names nobody, so sharing needs no list of users and says nothing about who exists; whoever opens it while it is
valid is let in, and both sides see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from orrery_hub.access.hub_call import call_hub
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.json_types import JsonObject

# JupyterHub gives no more than two hundred at once. What nobody has is bounded all the same.
_PAGE = 200
_MAX_ITEMS = 10_000
# What a step up on the page of shared servers asks for.
SHARES = "shares!user"


@dataclass(frozen=True)
class SharedServer:
    """A server of a person: who is let in, and until when its links are valid."""

    name: str
    guests: tuple[str, ...]
    links: tuple[datetime, ...]

    @property
    def title(self) -> str:
        """How the page calls it."""
        return self.name or "Your server"


class HubShares:
    """JupyterHub's share API. Which servers a person has is read with the service's token, the rest with the person's."""

    def __init__(self, hub: httpx.AsyncClient) -> None:
        self._hub = hub

    async def list(self, user: str, token: str) -> Sequence[SharedServer]:
        """Every server of the person, with those who are let in."""
        account = await call_hub(self._hub, "GET", None, "users", user)
        names = sorted({"", *(account.get("servers") or {})})
        shares = await self._all(token, "shares", user)
        codes = await self._all(token, "share-codes", user)
        return [
            SharedServer(
                name,
                tuple(sorted(_guest(share) for share in shares if _is_of(share, name))),
                tuple(sorted(_expiry(code) for code in codes if _is_of(code, name))),
            )
            for name in names
        ]

    async def _all(self, token: str, *path: str) -> Sequence[JsonObject]:
        """Every item of a list, which JupyterHub gives in pages."""
        items: list[JsonObject] = []
        while len(items) < _MAX_ITEMS:
            query = {"offset": len(items), "limit": _PAGE}
            page = await call_hub(self._hub, "GET", token, *path, query=query)
            items += page["items"]
            if not page["items"] or not page["_pagination"]["next"]:
                return items
        raise Conflict(
            "There are too many to show",
            reason=f"JupyterHub has more than {_MAX_ITEMS:,} people or links for your servers.",
            remedy="Ask an administrator of the hub to end them by JupyterHub's API.",
        )

    async def create_link(self, user: str, token: str, server: str, hours: int) -> str:
        """The path of a link that lets in whoever opens it, for some hours."""
        body = {"expires_in": int(timedelta(hours=hours).total_seconds())}
        model = await call_hub(
            self._hub, "POST", token, "share-codes", user, server=server, body=body
        )
        return str(model["full_accept_url"] or model["accept_url"])

    async def revoke(self, user: str, token: str, server: str) -> None:
        """Let nobody in any more: every link and every share of a server ends."""
        if server not in {item.name for item in await self.list(user, token)}:
            raise NotFound("You have no such server", remedy="Open the page again.")
        for kind in ("share-codes", "shares"):
            await call_hub(self._hub, "DELETE", token, kind, user, server=server)


def _is_of(model: JsonObject, name: str) -> bool:
    return bool(model["server"]["name"] == name)


def _guest(share: JsonObject) -> str:
    return str((share["user"] or share["group"])["name"])


def _expiry(code: JsonObject) -> datetime:
    return datetime.fromisoformat(code["expires_at"])
