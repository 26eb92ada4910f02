"""Locations by their ids: the lab's folder, the project's lake, and connections, opened when they are first used."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from orrery_engine.lake.opening import Store, open_store
from orrery_engine.lake.spec import StoreSpec
from orrery_server.base.context import LabContext
from orrery_server.data import opening
from orrery_server.data.backend import ConnectionBackend
from orrery_server.data.databases import Database
from orrery_server.data.leases import Leases
from orrery_server.data.schemas import Location, Locations, Problem
from orrery_wire.connections import Connection, ConnectionQuery
from orrery_wire.errors import Forbidden, NotFound, OrreryError
from orrery_wire.masking import known_secrets

FILES, LAKE, CONNECTION = "files", "lake", "connection-"
_MOST_OPEN = 32
_PAGE = 200
# By whose connection a name means, when several have it.
_ORDER = ("person", "project", "platform")


@dataclass(frozen=True)
class Place:
    """A location that is open: files of a store, or a database; never both."""

    id: str
    store: Store | None = None
    database: Database | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    # What says that it has to be opened anew: the lease of a connection, the address of a lake.
    stamp: str = ""

    @contextmanager
    def masked(self) -> Iterator[None]:
        """Work with the place: no error and no log line of the block shows a secret of it."""
        with known_secrets(self.secrets):
            yield

    def close(self) -> None:
        """Close what is open."""
        if self.database is not None:
            self.database.close()


class LocationFinder:
    """Every location of the person."""

    def __init__(
        self,
        context: LabContext,
        backend: ConnectionBackend,
        leases: Leases,
        log: logging.Logger | logging.LoggerAdapter[logging.Logger],
    ) -> None:
        self._context = context
        self._backend = backend
        self._leases = leases
        self._log = log
        self._places: OrderedDict[str, Place] = OrderedDict()

    async def all(self) -> Locations:
        """Every location; connections that cannot be listed now take only themselves away."""
        own, (connections, problem) = await asyncio.gather(self._own(), self._connections())
        items = tuple(location_of(connection) for connection in connections)
        return Locations(items=(*own, *items), problem=problem)

    async def named(self, name: str) -> Location:
        """The location that code means by a name: the person's own, then the project's, then everybody's.

        Raises:
            NotFound: there is none.
        """
        if own := next((item for item in await self._own() if item.id == name), None):
            return own
        slug = await self._context.project_slug()
        page = await self._backend.list(ConnectionQuery(name=name, limit=_PAGE))
        near = [item for item in page.items if item.audience != "project" or item.project == slug]
        if not near:
            raise NotFound(
                f"There is no connection {name!r}",
                reason="Neither you, nor the current project, nor the hub has one of that name.",
                remedy="Look at the names in the panel Data, or with `orrery data connections`.",
            )
        return location_of(min(near, key=lambda item: _ORDER.index(item.audience)))

    async def get(self, id: str) -> Location:
        """One location by its id.

        Raises:
            NotFound: there is none, or it is not for this person.
        """
        if id.startswith(CONNECTION):
            return location_of(await self._backend.get(connection_id(id)))
        location = next((item for item in await self._own() if item.id == id), None)
        if location is None:
            raise NotFound(
                "There is no lake",
                reason="No project is chosen, or it has none.",
                remedy="Choose a project in the top bar.",
            )
        return location

    async def open(self, id: str) -> Place:
        """A location to work with.

        Raises:
            NotFound: there is none, or it is not for this person.
            Forbidden: the person may see the connection and may not use it.
            Invalid: it is not described well enough.
        """
        if id.startswith(CONNECTION):
            return await self._open_connection(id)
        if id == LAKE:
            lake = await self._context.lake()
            if not lake:
                await self.get(LAKE)
            spec, credentials = opening.store_of_url(lake or "")
            stamp = lake or ""
        else:
            stamp = str(self._context.root)
            spec, credentials = StoreSpec("local", stamp), None
        place = self._places.get(id)
        if place is not None and place.stamp == stamp:
            self._places.move_to_end(id)
            return place
        return self._keep(Place(id, store=open_store(spec, credentials), stamp=stamp))

    async def store(self, id: str) -> tuple[Place, Store]:
        """A location with files in it.

        Raises:
            Forbidden: it is a database; or as ``open``.
        """
        place = await self.open(id)
        if place.store is None:
            raise Forbidden(
                "A database has no files",
                remedy="Choose a folder or an object store; a table is read with SQL.",
            )
        return place, place.store

    async def _open_connection(self, id: str) -> Place:
        use = await self._leases.use(connection_id(id))
        place = self._places.get(id)
        if place is not None and place.stamp == use.lease:
            self._places.move_to_end(id)
            return place
        secrets = tuple((use.secrets or {}).values())
        root = self._context.root
        with known_secrets(secrets):
            if opening.is_database(use.kind):
                database = Database(*opening.database_of(use, root))
                opened = Place(id, database=database, secrets=secrets, stamp=use.lease)
            else:
                lake = await self._context.lake() if use.kind == "lake" else None
                store = open_store(*opening.store_of(use, root, lake))
                opened = Place(id, store=store, secrets=secrets, stamp=use.lease)
        return self._keep(opened)

    def _keep(self, place: Place) -> Place:
        before = self._places.pop(place.id, None)
        if before is not None:
            before.close()
        self._places[place.id] = place
        while len(self._places) > _MOST_OPEN:
            self._places.popitem(last=False)[1].close()
        return place

    async def forget(self, id: int) -> None:
        """Close a connection that was changed or deleted."""
        place = self._places.pop(f"{CONNECTION}{id}", None)
        if place is not None:
            place.close()
        await self._leases.drop(id)

    async def close(self) -> None:
        """Close every location."""
        places, self._places = self._places, OrderedDict()
        for place in places.values():
            place.close()
        await self._leases.close()

    async def _own(self) -> tuple[Location, ...]:
        """The lab's folder, and the lake unless that is the same folder."""
        root = self._context.root
        files = Location(
            id=FILES, name=FILES, title="Files", kind="files", source="files", address=str(root)
        )
        project = await self._context.project()
        lake = project.lake if project else ""
        if not project or not lake or (lake.startswith("/") and _is_same(Path(lake), root)):
            return (files,)
        place = Location(
            id=LAKE,
            name=LAKE,
            title=project.name,
            kind="lake",
            source="lake",
            address=lake.partition("?")[0],
            project=project.slug,
        )
        return (place, files)

    async def _connections(self) -> tuple[list[Connection], Problem | None]:
        items: list[Connection] = []
        try:
            while True:
                query = ConnectionQuery(offset=len(items), limit=_PAGE)
                page = await self._backend.list(query)
                items.extend(page.items)
                if not page.items or len(items) >= page.total:
                    return items, None
        except OrreryError as problem:
            self._log.info("orrery: connections are not listed: %s", problem.message)
            return items, problem_of(problem)


def connection_id(id: str) -> int:
    """The number of the connection that a location is."""
    return int(id.removeprefix(CONNECTION))


def location_of(connection: Connection) -> Location:
    """A connection as a location."""
    kind = connection.kind
    return Location(
        id=f"{CONNECTION}{connection.id}",
        name=connection.name,
        title=connection.name,
        kind="database" if opening.is_database(kind) else "store",
        source=kind,
        address=opening.address_of(kind, connection.spec),
        description=connection.description,
        audience=connection.audience,
        project=connection.project,
        connection=connection.id,
        is_read_only=connection.read_only,
        may_use=connection.may_use,
        may_write=connection.may_write,
    )


def problem_of(problem: OrreryError) -> Problem:
    """An error as a shape."""
    return Problem(
        code=problem.code,
        message=problem.message,
        reason=problem.reason,
        remedy=problem.remedy,
    )


def _is_same(folder: Path, other: Path) -> bool:
    return folder.resolve() == other.resolve()
