"""What a database is opened from; its password stands apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

DatabaseKind = Literal["postgresql", "mysql", "sqlite", "duckdb"]


@dataclass(frozen=True)
class DatabaseSpec:
    """Where a database is; nothing in it is secret.

    Attributes:
        database: its name at the server; of `sqlite` and `duckdb` the absolute path of the file.
        options: more parameters of the driver, such as `sslmode`.
        is_read_only: whether its transactions can change nothing.
        seconds: how long a statement may take.
    """

    kind: DatabaseKind
    database: str
    host: str = ""
    port: int | None = None
    user: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    is_read_only: bool = True
    seconds: float = 30.0


@dataclass(frozen=True)
class Password:
    """A password; it appears in no representation."""

    value: str = field(default="", repr=False)
