"""Toys of one person, as long as the server runs."""

from __future__ import annotations

from typing import Any

from orrery_server.toy.schemas import Toy, ToyIn, ToyQuery
from traitlets import Int

from orrery_server.base.schemas import Recent
from orrery_server.base.service import Service
from orrery_wire.errors import NotFound, TooMany
from orrery_wire.schemas import Page


class ToyService(Service):
    """Keeps toys by name."""

    capacity = Int(100, min=1, help="How many toys are kept at most.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._toys: dict[str, Toy] = {}

    async def list(self, query: ToyQuery) -> Page[Toy]:
        """List the toys, one page at a time."""
        toys = [toy for toy in self._toys.values() if query.colour in ("", toy.colour)]
        page = tuple(toys[query.offset : query.offset + query.limit])
        return Page[Toy](items=page, total=len(toys), offset=query.offset, limit=query.limit)

    async def put(self, name: str, toy_in: ToyIn) -> Toy:
        """Keep a toy under a name.

        Raises:
            TooMany: the shelf is full.
        """
        if len(self._toys) >= self.capacity:
            raise TooMany("The shelf is full", remedy="Delete a toy first.")
        toy = Toy(name=name, colour=toy_in.colour)
        self._toys[name] = toy
        self.context.emit("toy", {"action": "put", "id": name})
        return toy

    async def delete(self, name: str) -> None:
        """Delete a toy.

        Raises:
            NotFound: there is none of that name.
        """
        if self._toys.pop(name, None) is None:
            raise NotFound("There is no such toy", remedy="Check the name.")
        self.context.emit("toy", {"action": "delete", "id": name})

    async def recent_items(self, limit: int) -> tuple[Recent, ...]:
        """What Home shows of toys: nothing."""
        return ()
