"""What `orrery.connect(name)` gives: a location that code reads through the lab's server."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from orrery_kernels.client import Client
from orrery_kernels.data.service import EntryList, iter_entries
from orrery_wire.types.data import Location

if TYPE_CHECKING:
    import pyarrow as pa

    from orrery_kernels.data.filesystem import OrreryFileSystem


class DataConnection:
    """A connection by its name. There is nothing secret in it: the lab's server opens what it leads to."""

    def __init__(self, location: Location, client: Client) -> None:
        self.client = client
        self.id: str = location["id"]
        self.name: str = location["name"]
        self.kind: str = location["kind"]
        self.source: str = location["source"]
        self.is_read_only: bool = location["is_read_only"]

    @cached_property
    def fs(self) -> OrreryFileSystem:
        """Its files as a filesystem of fsspec, which pandas, pyarrow, DuckDB and others take."""
        from orrery_kernels.data.filesystem import OrreryFileSystem

        return OrreryFileSystem(connection=self)

    def open(self, path: str, mode: str = "rb") -> Any:
        """A file of it, open for reading or writing bytes."""
        return self.fs.open(path, mode)

    def ls(self, path: str = "") -> EntryList:
        """What is in a folder, a database, a schema or a table."""
        return EntryList(list(iter_entries(self.client, self.id, path.strip("/"))))

    def sql(
        self,
        statement: str,
        parameters: dict[str, str | int | float | bool | None] | None = None,
        *,
        max_rows: int = 1_000_000,
    ) -> pa.Table:
        """The rows of a statement, run where the data are; an interrupt of the cell cancels it there.

        Over files DuckDB runs it: `'lake://sales/*.parquet'`, `'store://connection/path.csv'`.

        Args:
            parameters: values of `:name` in the statement.
            max_rows: more rows are an error.
        """
        from orrery_kernels.data import sql

        location = self.id if self.kind == "database" else ""
        return sql.run(self.client, statement, location, parameters, max_rows=max_rows)

    def url(self, path: str) -> str:
        """The address of a file for libraries that its filesystem is registered with."""
        return f"orrery://{path.strip('/')}"

    def __repr__(self) -> str:
        return f"<connection {self.name!r}: {self.source}>"
