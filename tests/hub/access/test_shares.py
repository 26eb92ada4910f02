"""Shares are read in pages, as JupyterHub gives them: what is not shown cannot be ended."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from orrery_hub.access import shares
from orrery_hub.access.shares import HubShares
from orrery_wire.errors import Conflict

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


def jupyterhub(guests: int, links: int) -> httpx.AsyncClient:
    """A JupyterHub with so many guests and links of one server; a page has fifty at most, whatever is asked for."""

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/users/ann"):
            return httpx.Response(200, json={"servers": {"gpu": {}}})
        offset, limit = (int(request.url.params[name]) for name in ("offset", "limit"))
        count = links if "share-codes" in path else guests
        part = range(offset, min(offset + min(limit, 50), count))
        items: list[dict[str, Any]] = [
            {
                "server": {"name": "gpu" if number % 2 else ""},
                "user": {"name": f"guest-{number:03}"},
                "expires_at": MOMENT.isoformat(),
            }
            for number in part
        ]
        following = {"offset": part.stop} if part.stop < count else None
        page = {"items": items, "_pagination": {"total": count, "next": following}}
        return httpx.Response(200, json=page)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://hub/hub/api")


@pytest.mark.parametrize(("guests", "links"), [(0, 0), (50, 51), (51, 0), (137, 260)])
def test_every_guest_and_link_is_there(guests: int, links: int) -> None:
    servers = asyncio.run(HubShares(jupyterhub(guests, links)).list("ann", "token"))
    assert [server.name for server in servers] == ["", "gpu"]
    assert sum(len(server.guests) for server in servers) == guests
    assert len({guest for server in servers for guest in server.guests}) == guests
    assert sum(len(server.links) for server in servers) == links


def test_what_nobody_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "_MAX_ITEMS", 100)
    with pytest.raises(Conflict):
        asyncio.run(HubShares(jupyterhub(500, 0)).list("ann", "token"))
