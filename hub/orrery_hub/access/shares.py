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
from orrery_wire.errors import NotFound
from orrery_wire.json_types import JsonObject

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
        shares = (await call_hub(self._hub, "GET", token, "shares", user))["items"]
        codes = (await call_hub(self._hub, "GET", token, "share-codes", user))["items"]
        return [
            SharedServer(
                name,
                tuple(sorted(_guest(share) for share in shares if _is_of(share, name))),
                tuple(sorted(_expiry(code) for code in codes if _is_of(code, name))),
            )
            for name in names
        ]

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
