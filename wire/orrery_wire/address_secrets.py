"""Addresses that are shown: one in which anything may be a secret is refused, in words that say where it belongs."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qsl, unquote, unquote_plus, urlsplit

from orrery_wire.address_fields import HARMLESS, HARMLESS_OF_ODBC, INSIDE, fields_of_odbc, plain
from orrery_wire.masking import is_secret_name

_FIELD = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}")
# Short names of fields that are a secret where anybody may choose the fields.
_SHORT = re.compile(r"(?:^|[_-])(?:key|sig|sas|pw|pass|auth|code|jwt|sv)(?:$|[_-])|odbc_connect")
# A value with these means several fields to somebody.
_SEPARATORS = re.compile(r"[;&?#]")


def no_secret_inside(value: str) -> str:
    """The value, if no secret stands in it with its name.

    Raises:
        ValueError: one does.
    """
    if INSIDE.search(plain(value)):
        raise _refused("it holds a secret")
    return value


def no_credentials(value: str) -> str:
    """An address of a connection, if each of its fields is known to open nothing.

    Raises:
        ValueError: anything in it may be a secret, or it is no address.
    """
    return _checked(value, _is_harmless)


def no_named_credentials(value: str) -> str:
    """An address of data, whose fields anybody may choose, if none is called as secrets are.

    Raises:
        ValueError: anything in it may be a secret, or it is no address.
    """
    return _checked(value, _is_unsuspicious)


def one_user(value: str) -> str:
    """An address of a database, if a user at most stands before its host.

    Raises:
        ValueError: a password may stand there too.
    """
    authority = value.partition("://")[2].partition("?")[0].partition("/")[0]
    user, sign, _ = authority.rpartition("@")
    if sign and any(mark in plain(user.replace("+", "%2B")) for mark in ":;/?#"):
        raise _refused("what stands before the sign @ may be a secret")
    if "@" in user:
        raise _refused("what stands before the second sign @ may be a secret")
    return value


def _checked(value: str, is_harmless: Callable[[str, str], bool]) -> str:
    if not value:
        return value
    try:
        parts = urlsplit(value)
        _ = parts.port
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
        # A question mark that is written as its number is one to whoever decodes.
        _, _, hidden = unquote(unquote(parts.path)).partition("?")
        query += parse_qsl(hidden, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise ValueError("it is no address") from None
    _require_nobody(parts)
    if "#" in value:
        raise _refused("what follows the sign # may be a secret")
    for name, field in query:
        if not is_harmless(name.lower(), field):
            # Where there is no value, the name is what may be the secret.
            shown = f"its field {name}" if field and _FIELD.fullmatch(name) else "a field of it"
            raise _refused(f"{shown} may be a secret")
    words = fields_of_odbc((parts.netloc + unquote(parts.path)).partition(";")[2])
    if any(name not in HARMLESS_OF_ODBC for name, _ in words):
        raise _refused("what follows the sign ; may be a secret")
    return no_secret_inside(value)


def _require_nobody(parts: SplitResult) -> None:
    if parts.password is not None:
        raise _refused("it holds a secret before the sign @")
    is_web = parts.scheme.lower().rpartition("+")[2] in ("http", "https")
    if is_web and "@" in plain(parts.netloc):
        raise _refused("what stands before the sign @ may be a secret")


def _is_harmless(name: str, value: str) -> bool:
    if name == "odbc_connect":
        # SQLAlchemy decodes it once more.
        fields = fields_of_odbc(unquote_plus(value))
        return all(n in HARMLESS_OF_ODBC and not INSIDE.search(plain(v)) for n, v in fields)
    return name in HARMLESS and not _SEPARATORS.search(plain(value))


def _is_unsuspicious(name: str, value: str) -> bool:
    return not (is_secret_name(name) or _SHORT.search(name) or _SEPARATORS.search(plain(value)))


def _refused(why: str) -> ValueError:
    return ValueError(f"{why}; put secrets into the field for them, which is shown to nobody")
