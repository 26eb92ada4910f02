"""What a database is opened from; its password stands apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal

DatabaseKind = Literal["postgresql", "mysql", "sqlite", "duckdb"]


@dataclass(frozen=True)
class DatabaseSpec:
    """Where a database is; nothing in it is secret.

    Attributes:
        database: its name at the server; of `sqlite` and `duckdb` the absolute path of the file.
        options: of the driver: `sslmode` and others of PostgreSQL, `tls` ("true", "false") and `ssl_ca` of MySQL.
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


def is_on_this_machine(host: str) -> bool:
    """Whether a server is reached without a network: by a socket, or by the addresses that a machine has for itself."""
    if host.startswith("/") or host.lower() in ("", "localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
