"""Checks of single settings: each returns the value as it is used, or raises ValueError with what the value has to be."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

_PLACEHOLDERS = {"{home}", "{key}", "{slug}"}
_DATABASES = {"sqlite", "postgresql"}


def folder(path: Path) -> Path:
    """An absolute path."""
    try:
        return path.expanduser().resolve()
    except RuntimeError:
        raise ValueError("a path of a home that is there; this one's owner is unknown") from None


def base_path(path: str) -> str:
    """The path below which everything answers, or nothing."""
    if path and (
        not re.fullmatch(r"/([A-Za-z0-9._~-]+/)*", path) or {".", ".."} & set(path.split("/"))
    ):
        raise ValueError(
            "a path of letters, digits and ._~- that starts and ends with a slash, such as /jhub/"
        )
    return path


def http_address(text: str, *, has_path: bool = True) -> str:
    """An HTTP address without a user, a query or a fragment, or nothing."""
    if not text:
        return text
    parts = _split(text)
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or re.search(r"\s", text)
    ):
        raise ValueError(
            "an address that starts with http:// or https://, such as https://lab.example.org"
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("an address without user, password, query and fragment")
    if not has_path and parts.path.strip("/"):
        raise ValueError(f"an address without a path; {parts.path} is one")
    return text


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises, unless it is a number that a port can be
    except ValueError:
        return None
    return parts


def project_place(template: str) -> str:
    """A folder or URL that is another one for each project."""
    unknown = set(re.findall(r"\{[^}]*\}?|\}", template)) - _PLACEHOLDERS
    if unknown:
        raise ValueError(f"{min(unknown)} is not filled in; {{home}} and {{key}} are")
    if not {"{key}", "{slug}"} & set(re.findall(r"\{[^}]*\}", template)):
        raise ValueError("a place with {key} in it, or all projects would share one place")
    if not re.match(r"/|\{home\}|[A-Za-z][A-Za-z0-9+.-]*:|[^/\s]+@[^/\s]+:", template):
        raise ValueError("an absolute path, a path below {home}, or a URL")
    if ".." in re.split(r"[/\\]", template):
        raise ValueError("a place without ..")
    return template


def networks(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and networks of single machines or sites, never of everybody."""
    for address in addresses:
        try:
            network = ipaddress.ip_network(address, strict=False)
        except ValueError:
            raise ValueError(
                f"addresses such as 192.0.2.7 and networks such as 192.0.2.0/24; {address!r} is neither"
            ) from None
        if network.prefixlen == 0:
            raise ValueError(f"{address} is everybody, and everybody's headers would be believed")
    return addresses


def database_url(text: str) -> str:
    """The URL of a database that the service works with; no message holds the URL, which has a password."""
    try:
        url = make_url(text.strip())
    except ArgumentError:
        raise ValueError(
            "it holds no URL such as postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        ) from None
    backend = url.get_backend_name()
    if backend not in _DATABASES:
        raise ValueError(f"it names a database of the kind {backend!r}; use postgresql or sqlite")
    _require_driver(url)
    if not url.database:
        raise ValueError("its URL names no database: the last part is missing")
    return text.strip()


def _require_driver(url: URL) -> None:
    try:
        url.get_dialect().import_dbapi()
    except (ImportError, SQLAlchemyError) as problem:
        raise ValueError(
            f"the driver {url.drivername!r} cannot be loaded ({problem}); use postgresql+psycopg"
        ) from None
