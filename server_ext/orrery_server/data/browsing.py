"""Routes of the tree: locations, what is in them, and what is known of each thing."""

from __future__ import annotations

from orrery_server.data import listing, loadcode, properties
from orrery_server.data.core import DataCore
from orrery_server.data.schemas import (
    CodeQuery,
    EntryPage,
    EntryQuery,
    Explanation,
    LoadCode,
    LocationQuery,
    Locations,
    PathQuery,
    Properties,
)


class TreeRoutes(DataCore):
    """The tree of data, page by page."""

    async def locations(self, query: LocationQuery) -> Locations:
        """Every location, or the one that code means by a name."""
        if query.name:
            return Locations(items=(await self._locations.named(query.name),))
        return await self._locations.all()

    async def entries(self, query: EntryQuery) -> EntryPage:
        """One page of a folder, a database, a schema or a table."""
        return await listing.page(await self._locations.open(query.location), query)

    async def entry(self, query: PathQuery) -> Properties:
        """What is known of one thing without reading it."""
        return await properties.of(self._locations, query.location, query.path)

    async def explain(self, query: PathQuery) -> Explanation:
        """Why a thing can be seen or cannot, step by step."""
        return await properties.explain(self._locations, query.location, query.path)

    async def code(self, query: CodeQuery) -> LoadCode:
        """Code that loads a thing, for a library."""
        location = await self._locations.get(query.location)
        return loadcode.write(location, query, self.context.root)
