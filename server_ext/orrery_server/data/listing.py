"""Pages of the tree: a folder of a store, or what a database has, in one shape."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from orrery_engine.catalog.nodes import Node
from orrery_engine.lake import entries as lake
from orrery_engine.lake.local import LocalStore
from orrery_engine.lake.opening import Store
from orrery_server.data import trash
from orrery_server.data.databases import Database
from orrery_server.data.locations import FILES, Place
from orrery_server.data.schemas import Entry, EntryPage, EntryQuery
from orrery_wire.errors import Invalid

# A store gives its entries by name alone: for another order all of a folder is read, if it has no more than this.
SORTED_ENTRIES = 10_000
_STORE_PAGE = 1_000
_TABLES = 2


async def page(place: Place, query: EntryQuery) -> EntryPage:
    """One page of what is in a folder, a database, a schema or a table.

    Raises:
        OrreryError: as the store or the database says, in words.
    """
    with place.masked():
        if place.database is not None:
            return await _database_page(place.database, query)
        if place.store is None:
            raise AssertionError(place.id)
        is_disk = isinstance(place.store, LocalStore)
        matches = matcher(place.id, query.filter, is_disk=is_disk)
        if query.sort == "name":
            return await _store_page(place.store, query, matches)
        return await _sorted_page(place.store, query, matches)


async def _store_page(
    store: Store, query: EntryQuery, matches: Callable[[lake.Entry], bool] | None
) -> EntryPage:
    result = await store.page(
        query.path,
        token=query.page_token,
        limit=query.limit,
        prefix=query.prefix,
        matches=matches,
    )
    items = tuple(map(file_entry, result.entries))
    return EntryPage(items=items, next=result.next, scanned=result.scanned)


async def _sorted_page(
    store: Store, query: EntryQuery, matches: Callable[[lake.Entry], bool] | None
) -> EntryPage:
    """A page in another order than the store's: the token is where in that order it begins."""
    start = _offset(query.page_token)
    entries: list[lake.Entry] = []
    token, scanned = "", 0
    while True:
        part = await store.page(
            query.path,
            token=token,
            limit=_STORE_PAGE,
            prefix=query.prefix,
            matches=matches,
        )
        entries.extend(part.entries)
        scanned += part.scanned
        token = part.next
        if not token:
            break
        if scanned >= SORTED_ENTRIES:
            plain = query.model_copy(update={"sort": "name", "page_token": ""})
            by_name = await _store_page(store, plain, matches)
            notice = (
                f"There are more than {SORTED_ENTRIES:,} entries here, so they stand by name:"
                " a store gives no other order without reading all of them."
            )
            return by_name.model_copy(update={"notice": notice})
    field, is_down = query.sort.removeprefix("-"), query.sort.startswith("-")
    entries.sort(key=lambda entry: lake.in_order(entry.path), reverse=is_down and field == "name")
    if field != "name":
        entries.sort(key=_sort_key(field), reverse=is_down)
    entries.sort(key=lambda entry: entry.kind != "folder")
    end = start + query.limit
    items = tuple(map(file_entry, entries[start:end]))
    return EntryPage(items=items, next=str(end) if end < len(entries) else "", scanned=scanned)


def _sort_key(field: str) -> Callable[[lake.Entry], float]:
    """What entries are ordered by; those that do not say come first."""
    if field == "size":
        return lambda entry: -1.0 if entry.size is None else float(entry.size)
    return lambda entry: entry.modified.timestamp() if entry.modified else 0.0


def _offset(token: str) -> int:
    if not token:
        return 0
    if not token.isdecimal() or len(token) > 9:
        raise Invalid(
            "The place in the list is not known",
            reason="It belongs to another order of the list.",
            remedy="Begin the list anew.",
        )
    return int(token)


async def _database_page(database: Database, query: EntryQuery) -> EntryPage:
    names = parts_of(query.path)
    search = query.filter or query.prefix
    result = await database.catalog(
        lambda catalog: catalog.page(
            names, token=query.page_token, limit=query.limit, search=search
        )
    )
    items = tuple(map(node_entry, result.nodes))
    notice = ""
    if query.sort != "name":
        notice = "A database gives its schemas, tables and columns in its own order."
    return EntryPage(items=items, next=result.next, scanned=len(items), notice=notice)


def matcher(
    location: str, text: str, *, is_disk: bool = False
) -> Callable[[lake.Entry], bool] | None:
    """What entries a filter lets pass; None where it lets all pass.

    What begins with a dot is not shown among the files of the lab, as its file browser does it, and on no disk the place
    from which deletions are undone.
    """
    plain = text.casefold()
    hides_dots = location == FILES and not plain.startswith(".")
    if not (plain or hides_dots or is_disk):
        return None

    def matches(entry: lake.Entry) -> bool:
        is_hidden = entry.name == trash.FOLDER or (hides_dots and entry.name.startswith("."))
        return not is_hidden and plain in entry.name.casefold()

    return matches


def parts_of(path: str) -> tuple[str, ...]:
    """The names in a path of a database."""
    return tuple(unquote(part) for part in path.split("/")) if path else ()


def path_of(names: tuple[str, ...]) -> str:
    """The path of names in a database."""
    return "/".join(name.replace("%", "%25").replace("/", "%2F") for name in names)


def file_entry(entry: lake.Entry) -> Entry:
    """An entry of a store as a row."""
    return Entry(
        path=_shown(entry.path),
        name=_shown(entry.name),
        kind=entry.kind,
        has_children=entry.kind == "folder" and not entry.problem,
        size=entry.size,
        modified=entry.modified,
        etag=entry.etag,
        problem=entry.problem,
    )


def node_entry(node: Node) -> Entry:
    """A node of a database as a row."""
    return Entry(
        path=path_of(node.path),
        name=_shown(node.name),
        kind=node.kind,
        has_children=len(node.path) <= _TABLES and not node.problem,
        size=node.bytes,
        type=node.type,
        comment=node.comment,
        owner=node.owner,
        rows=node.rows,
        is_nullable=node.is_nullable,
        key=node.key,
        default=node.default,
        problem=node.problem,
    )


def _shown(name: str) -> str:
    """A name that JSON can hold; one that cannot is marked as not to be opened by the store itself."""
    return name.encode("utf-8", "replace").decode()
