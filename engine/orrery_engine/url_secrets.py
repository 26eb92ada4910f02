"""URLs that are shown and kept in the history of reports: they name secrets, they never hold one.

Addresses of databases are read by SQLAlchemy here as where they are opened, so that both mean the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl, quote, unquote_plus

from orrery_wire.address_fields import HARMLESS as _HARMLESS
from orrery_wire.address_fields import HARMLESS_OF_ODBC as _HARMLESS_OF_ODBC
from orrery_wire.address_fields import INSIDE as _INSIDE
from orrery_wire.address_fields import plain as _plain
from orrery_wire.errors import Invalid

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# What opens the server or the hub is not for a database that somebody names, nor for a process that reads data.
_PRIVATE = re.compile(r"^(JUPYTERHUB_|JPY_|ORRERY_|JUPYTER_TOKEN)")
# In an address that is only shown, a field is left out by what it is called.
_SECRET = re.compile(
    r"pass|pwd|secret|token|credential|jwt|(?:^|[_-])(?:key|sig|signature|sas|pw)(?:$|[_-])|key$|keyid|odbc_connect",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")


class Variable(str):
    """The name of a variable in a part of an address."""

    __slots__ = ()


# What is written out, and names of variables, in their order.
Text: TypeAlias = "tuple[str | Variable, ...]"


@dataclass(frozen=True)
class Address:
    """The parts of an address of a database, decoded; an absent one is empty."""

    driver: Text
    user: Text
    password: Text
    host: Text
    port: Text
    database: Text
    query: tuple[tuple[Text, Text], ...]


def address_of(url: str) -> Address | None:
    """The parts of an address as SQLAlchemy takes them; None if it takes it for no address."""
    import sqlalchemy

    # A number may stand in every part of an address, a port too.
    mark = next(number for number in map(str, range(910_000, 990_000)) if number not in url)
    names = VARIABLE.findall(url)
    numbers = iter(range(len(names)))
    marked = VARIABLE.sub(lambda match: f"{mark}{next(numbers):04d}", url)
    try:
        read = sqlalchemy.make_url(marked)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        return None
    pattern = re.compile(f"{mark}([0-9]{{4}})")

    def parted(part: str | int | None) -> Text:
        pieces = pattern.split("" if part is None else str(part))
        return tuple(
            Variable(names[int(piece)]) if place % 2 else piece
            for place, piece in enumerate(pieces)
            if place % 2 or piece
        )

    fields = [
        (name, value)
        for name, values in read.query.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    return Address(
        driver=parted(read.drivername),
        user=parted(read.username),
        password=parted(read.password),
        host=parted(read.host),
        port=parted(read.port),
        database=parted(read.database),
        query=tuple((parted(name), parted(value)) for name, value in fields),
    )


def is_private(variable: str) -> bool:
    """Whether a variable of the environment belongs to the server itself: it reaches no worker and no database."""
    return _PRIVATE.match(variable) is not None


def holds_secret(url: str) -> bool:
    """Whether an address of a database may hold a secret itself: a password, or a field that is not known to hold none."""
    return _place_of_secret(url) is not None


def _place_of_secret(url: str) -> str | None:
    """Where a secret may be: the name of a field, or "" for the place of a password; None if there is none."""
    if "://" not in url or is_variable(url):
        return None
    address = address_of(url)
    if address is None:
        return "" if "@" in url or "?" in url else None
    # A sign that parts off a user can stand in a host or a database only by mistake.
    stray = _written(address.host) + _written(address.database)
    if _written(address.password) or ("@" in stray and not _is_sqlite(address)):
        return ""
    return next(_fields_with_secrets(address), None)


def _is_sqlite(address: Address) -> bool:
    return _written(address.driver).partition("+")[0].lower() == "sqlite"


def _fields_with_secrets(address: Address) -> Iterator[str]:
    for name, value in address.query:
        if not _is_harmless("".join(name), value, is_name=not any(map(_is_named, name))):
            yield "".join(name)


def _is_harmless(name: str, value: Text, *, is_name: bool = True) -> bool:
    written = _written(value)
    if not written:
        return True
    if name == "odbc_connect":
        return all(map(_is_harmless_of_odbc, _fields_of_odbc(value)))
    return is_name and name.lower() in _HARMLESS and not _INSIDE.search(_plain(written))


def _fields_of_odbc(value: Text) -> list[str]:
    # SQLAlchemy decodes it once more.
    text = "".join("\x00" if _is_named(piece) else unquote_plus(piece) for piece in value)
    return [field for field in text.split(";") if field.strip()]


def _is_harmless_of_odbc(field: str) -> bool:
    name, _, value = field.partition("=")
    name = name.strip().lower().replace(" ", "_")
    is_written = bool(value.replace("\x00", "").strip().strip("{}"))
    if "\x00" in name or (not is_written and value):
        return "\x00" not in name
    return name in _HARMLESS_OF_ODBC and not _INSIDE.search(_plain(value))


def _is_named(piece: str) -> bool:
    return isinstance(piece, Variable)


def _written(text: Text) -> str:
    return "".join(piece for piece in text if not _is_named(piece))


def require_no_secret(url: str) -> None:
    """Refuse an address of a database that holds a secret instead of its name.

    Raises:
        Invalid: with the way to name it.
    """
    _require_none(_place_of_secret(url))


def require_no_secret_of_store(url: str) -> None:
    """Refuse an address of an object store that holds a secret.

    Raises:
        Invalid: with the way to name it.
    """
    _, _, query = VARIABLE.sub("", url).partition("?")
    fields = parse_qsl(query, keep_blank_values=False)
    # A question mark may stand for any letter, and folders follow it.
    named = [(name, value) for name, value in fields if "/" not in name or _SECRET.search(name)]
    _require_none(next((name for name, value in named if not _is_harmless(name, (value,))), None))


def _require_none(place: str | None) -> None:
    if place is None:
        return
    reason = "An address is shown in the panel and kept in the history of reports."
    if _NAME.fullmatch(place):
        reason = f"Its field {place} may hold a secret. {reason}"
    raise Invalid(
        "The address holds a password",
        reason=reason,
        remedy="Put it into an environment variable of this server and write its name, as ${DB_PASSWORD}.",
    )


def secrets_of(url: str) -> list[str]:
    """The secrets in an address of a database, as they are meant and as they may be written."""
    address = address_of(url)
    if address is None:
        return []
    values = [value for name, value in address.query if not _is_harmless("".join(name), value)]
    secrets = [_written(part) for part in (address.password, *values) if _written(part)]
    return list(dict.fromkeys(form for item in secrets for form in (item, _plain(item))))


def without_secret_fields(url: str) -> str:
    """The URL without the fields of its query that name a secret; the others stay as they are written."""
    head, mark, query = url.partition("?")
    fields = query.split("&")
    remaining = [field for field in fields if not _may_be_secret(field.partition("=")[0])]
    if len(remaining) == len(fields):
        return url
    return f"{head}{mark if remaining else ''}{'&'.join(remaining)}"


def _may_be_secret(name: str) -> bool:
    plain = _plain(name).lower()
    return plain not in _HARMLESS and _SECRET.search(plain) is not None


def is_variable(url: str) -> bool:
    """Whether a variable holds the URL as a whole."""
    return VARIABLE.fullmatch(url) is not None


def expand(url: str) -> tuple[str, list[str]]:
    """A URL with the values of its variables, and the secrets that it holds then.

    Values are percent-encoded, unless one variable is the whole URL.

    Raises:
        Invalid: the environment has no such variable, or it belongs to the server itself.
    """
    if is_variable(url):
        value = _value(url[2:-1])
        return value, secrets_of(value)
    names = VARIABLE.findall(url)
    expanded = VARIABLE.sub(lambda match: quote(_value(match[1]), safe=""), url)
    return expanded, [*secrets_of(url), *map(_value, names)]


def _value(name: str) -> str:
    value = os.environ.get(name)
    if value is None or is_private(name):
        raise Invalid(
            f"The environment has no {name}",
            reason="The address of the database names it.",
            remedy=f"Set {name} where the server is started, and restart it.",
        )
    return value
