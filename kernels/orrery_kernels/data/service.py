"""Data from Python; the SDK, magics and commands all call this. No secret of a connection ever comes here."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orrery_kernels.client import Client, Service
from orrery_kernels.errors import UsageError
from orrery_kernels.listing import Listing
from orrery_wire.types.data import DataCalls, Entry, EntryQuery, Location

if TYPE_CHECKING:
    import pyarrow as pa

    from orrery_kernels.data.connection import DataConnection

STORE_SECONDS = 60.0
RANGE_BYTES = 16 * 2**20
UPLOAD_BYTES = 32 * 2**20
_PAGE = 1_000
_KIB = 1024


class LocationList(Listing[Location]):
    """The places that data can be in."""

    head = ("Name", "Kind", "For", "Access", "Where")
    noun = "locations"

    def cells(self, item: Location) -> tuple[object, ...]:
        """The cells of the row of a location."""
        access = "read-only" if item["is_read_only"] else "" if item["may_use"] else "not for you"
        audience = item["project"] or item["audience"] or "this lab"
        return item["name"], item["source"], audience, access, item["address"]


class EntryList(Listing[Entry]):
    """What is in a folder, a database, a schema or a table."""

    head = ("Name", "Kind", "Size", "Changed", "")
    noun = "entries"

    def cells(self, item: Entry) -> tuple[object, ...]:
        """The cells of the row of an entry."""
        size, changed = item["size"], item["modified"]
        slash = "/" if item["kind"] == "folder" else ""
        return (
            f"{item['name']}{slash}",
            item["kind"],
            "" if size is None else size_text(size),
            f"{changed[:19]}Z" if changed else "",
            " ".join(part for part in (item["type"], item["comment"], item["problem"]) if part),
        )


def size_text(size: int) -> str:
    """A number of bytes as a person reads it."""
    value = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < _KIB:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= _KIB
    return f"{value:.1f} TiB"


def parse_reference(reference: str) -> tuple[str, str]:
    """The name of a location and a path in it, of `name:path`; without a colon the text is a name.

    Raises:
        UsageError: there is no name.
    """
    name, _, path = reference.partition(":")
    if not name:
        raise UsageError(
            f"{reference!r} names no location",
            remedy="Write NAME:PATH, such as sales:2026/orders.parquet; `orrery data connections` lists names.",
        )
    return name, path.strip("/")


class Data(Service):
    """The data that the lab of the person reaches.

    A thing is named by ``NAME:PATH``: the name of a connection, ``lake`` or ``files``, and the path in it. Every method
    raises ``OrreryError``: ``ServerUnavailable`` without a lab, else the class of its code where the server refuses.
    """

    @property
    def calls(self) -> DataCalls:
        """The server's routes of data."""
        return DataCalls(self.client)

    def connect(self, name: str) -> DataConnection:
        """A location by its name: your own connection, else the current project's, else everybody's."""
        from orrery_kernels.data.connection import DataConnection

        client = self.client
        (location,) = DataCalls(client).locations({"name": name})["items"]
        return DataConnection(location, client)

    def connections(self) -> LocationList:
        """Every location: the lab's files, the lake, and the connections."""
        answer = self.calls.locations()
        problem = answer["problem"]
        notes = [f"Connections are missing: {problem['message']}"] if problem else []
        return LocationList(answer["items"], notes=notes)

    def ls(self, reference: str = "files:", *, limit: int = _PAGE) -> EntryList:
        """What is in a folder, a database, a schema or a table; ``limit`` entries at most."""
        name, path = parse_reference(reference)
        connection = self.connect(name)
        entries: list[Entry] = []
        for entry in iter_entries(connection.client, connection.id, path):
            if len(entries) >= limit:
                return EntryList(entries, notes=["There are more; raise --limit."])
            entries.append(entry)
        return EntryList(entries)

    def head(self, reference: str, rows: int = 10) -> pa.Table:
        """The first rows of a file with a table in it."""
        from orrery_kernels.data.heads import first_rows

        name, path = parse_reference(reference)
        return first_rows(self.connect(name).fs, path, rows)

    def get(self, reference: str, target: str = "") -> Path:
        """Copy a file to this machine; into the working folder under its own name if no target is given."""
        name, path = parse_reference(reference)
        own_name = path.rpartition("/")[2]
        where = Path(target or own_name)
        where = where / own_name if where.is_dir() else where
        filesystem = self.connect(name).fs
        # Under another name until it is whole.
        part = where.with_name(f".{where.name}.part")
        try:
            filesystem.get_file(path, str(part))
            part.replace(where)
        finally:
            part.unlink(missing_ok=True)
        return where

    def put(self, file: str, reference: str, *, replace: bool = False) -> Entry:
        """Copy a file of this machine into a store; to a name that ends with a slash it keeps its own name."""
        source = Path(file)
        name, path = parse_reference(reference)
        if reference.endswith(("/", ":")):
            path = f"{path}/{source.name}" if path else source.name
        connection = self.connect(name)
        return upload(connection.client, connection.id, path, source.read_bytes(), replace=replace)


def iter_entries(client: Client, location: str, path: str) -> Iterator[Entry]:
    """Every entry of a folder, page by page."""
    calls, token = DataCalls(client), ""
    while True:
        query: EntryQuery = {"location": location, "path": path, "limit": _PAGE}
        if token:
            query["page_token"] = token
        page = calls.entries(query, timeout=STORE_SECONDS)
        yield from page["items"]
        token = page["next"]
        if not token:
            return


def read(
    client: Client, location: str, path: str, start: int, length: int, etag: str = ""
) -> bytes:
    """Bytes of a file, in as many requests as they need."""
    parts: list[bytes] = []
    while length > 0:
        query = {
            "location": location,
            "path": path,
            "start": start,
            "length": min(length, RANGE_BYTES),
            "etag": etag,
        }
        part = client.fetch("data/content", query=query, timeout=STORE_SECONDS)
        parts.append(part)
        if len(part) < min(length, RANGE_BYTES):
            break
        start, length = start + len(part), length - len(part)
    return b"".join(parts)


def upload(
    client: Client, location: str, path: str, content: bytes, *, replace: bool = False
) -> Entry:
    """Store a small file: whole, or not at all.

    Raises:
        UsageError: it is too large for one request.
    """
    if len(content) > UPLOAD_BYTES:
        raise UsageError(
            f"{path} has {size_text(len(content))}, and one request takes {size_text(UPLOAD_BYTES)}",
            remedy="Write it in several files.",
        )
    calls = DataCalls(client)
    return calls.upload(
        {
            "location": location,
            "path": path,
            "content": base64.b64encode(content).decode("ascii"),
            "replaces": replace,
        },
        timeout=STORE_SECONDS,
    )
