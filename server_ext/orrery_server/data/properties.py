"""What is known of one thing without reading it, and why something cannot be seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from orrery_server.data import listing
from orrery_server.data.locations import LocationFinder, Place
from orrery_server.data.schemas import (
    Entry,
    EntryQuery,
    Explanation,
    Fact,
    Location,
    Properties,
    Step,
)
from orrery_wire.errors import Forbidden, NotFound, OrreryError

_MOST_COLUMNS = 1_000
_TABLES = 2


async def of(finder: LocationFinder, id: str, path: str) -> Properties:
    """The properties of a file, folder, schema, table or column; of the location itself for no path.

    Raises:
        OrreryError: it cannot be had, in words.
    """
    location = await finder.get(id)
    place = await finder.open(id)
    with place.masked():
        if place.database is not None:
            return await _of_node(location, place, path)
        if place.store is None:
            raise AssertionError(id)
        entry = listing.file_entry(await place.store.stat(path))
        facts = [Fact(name="Location", value=location.title)]
        if path:
            ending = entry.name.rpartition(".")[2].lower() if "." in entry.name else ""
            if entry.kind == "file" and ending:
                facts.append(Fact(name="Format", value=ending))
        return Properties(
            location=location,
            entry=entry,
            address=_joined(location.address, entry.path),
            facts=tuple(facts),
        )


async def _of_node(location: Location, place: Place, path: str) -> Properties:
    database = place.database
    if database is None:
        raise AssertionError(place.id)
    names = listing.parts_of(path)
    columns: tuple[Entry, ...] = ()
    if len(names) < _TABLES:
        entry = Entry(path=path, name=names[-1] if names else "", kind="schema", has_children=True)
    elif len(names) == _TABLES:
        entry = listing.node_entry(await database.catalog(lambda catalog: catalog.describe(names)))
        query = EntryQuery(location=location.id, path=path, limit=_MOST_COLUMNS)
        columns = (await listing.page(place, query)).items
    else:
        query = EntryQuery(
            location=location.id,
            path=listing.path_of(names[:_TABLES]),
            filter=names[-1],
            limit=_MOST_COLUMNS,
        )
        rows = (await listing.page(place, query)).items
        column = next((row for row in rows if row.path == path), None)
        if column is None:
            raise NotFound(f'There is no column "{names[-1]}"', remedy="Refresh the list.")
        entry = column
    return Properties(
        location=location,
        entry=entry,
        address=_joined(location.address, path),
        facts=(Fact(name="Location", value=location.title),),
        columns=columns,
    )


class _Steps:
    """Conditions one after the other: after the first that is not met none is looked at."""

    def __init__(self) -> None:
        self.items: list[Step] = []

    @property
    def has_failed(self) -> bool:
        """Whether a condition was not met."""
        return any(step.is_met is False for step in self.items)

    async def check(self, name: str, look: Callable[[], Awaitable[str]]) -> None:
        """Look at a condition; ``look`` gives what holds, or raises why it does not."""
        if self.has_failed:
            self.items.append(Step(name=name, is_met=None, text="It was not looked at."))
            return
        try:
            self.items.append(Step(name=name, is_met=True, text=await look()))
        except OrreryError as problem:
            text = ". ".join(part.rstrip(".") for part in (problem.message, problem.reason) if part)
            step = Step(name=name, is_met=False, text=f"{text}.", remedy=problem.remedy)
            self.items.append(step)


async def explain(finder: LocationFinder, id: str, path: str) -> Explanation:
    """Step by step, whether a thing can be seen, and at which condition it fails."""

    async def see() -> str:
        return _whose(await finder.get(id))

    async def use() -> str:
        if not (await finder.get(id)).may_use:
            raise Forbidden(
                "You may see this connection and not use it",
                reason="Editors and owners of its project use it; viewers do if it is read-only.",
                remedy="Ask an owner of the project for the role of an editor.",
            )
        return "Your role allows it."

    async def open_it() -> str:
        await finder.open(id)
        return "It could be opened."

    async def list_top() -> str:
        await listing.page(await finder.open(id), EntryQuery(location=id, limit=1))
        return "It answers."

    async def find() -> str:
        entry = (await of(finder, id, path)).entry
        if entry.problem:
            raise NotFound("It is there and cannot be opened", reason=entry.problem)
        if entry.has_children:
            query = EntryQuery(location=id, path=path, limit=1)
            await listing.page(await finder.open(id), query)
        return "It is there."

    steps = _Steps()
    await steps.check("You may see the location", see)
    await steps.check("You may use it", use)
    await steps.check("Its secret can be had, and its fields suffice", open_it)
    await steps.check("It answers, and lets you list what is in it", list_top)
    if path:
        await steps.check(f'"{path}" is there, and can be listed', find)
    return Explanation(is_visible=not steps.has_failed, steps=tuple(steps.items))


def _whose(location: Location) -> str:
    texts = {
        "person": "It is your own.",
        "project": f"It is of the project {location.project}, which you are a member of.",
        "platform": "It is for everybody.",
    }
    return texts[location.audience] if location.audience else "It is this lab's own."


def _joined(address: str, path: str) -> str:
    return f"{address.rstrip('/')}/{path}" if path and address else address or path
