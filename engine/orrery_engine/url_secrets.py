"""URLs that are shown and kept in the history of reports: they name secrets, they never hold one."""

from __future__ import annotations

import os
import re
from urllib.parse import parse_qsl, quote, unquote

from orrery_wire.errors import Invalid

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# What opens the server or the hub is not for a database that somebody names, nor for a process that reads data.
_PRIVATE = re.compile(r"^(JUPYTERHUB_|JPY_|ORRERY_|JUPYTER_TOKEN)")
# As SQLAlchemy parts a URL: a password may hold a slash, a hash or a question mark, a user may not.
_PASSWORD = re.compile(r"^[^:/]*://[^:/@]*:([^@]+)@")
# `sslkey` and `passfile` name files.
_SECRET = re.compile(
    r"^(?!ssl|passfile)(?:.*(?:pass|pwd|secret|token|credential|(?:^|[_-])(?:key|sig|signature|sas)(?:$|[_-])|key$|keyid))",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"(?:pass\w*|pwd|secret\w*|(?:access|account)?_?key|token)\s*=\s*[^\s;&]", re.IGNORECASE
)


def is_private(variable: str) -> bool:
    """Whether a variable of the environment belongs to the server itself: it reaches no worker and no database."""
    return _PRIVATE.match(variable) is not None


def holds_secret(url: str) -> bool:
    """Whether a URL holds a secret itself, in the place of a password or in a field of its query."""
    # Without the names of variables, what is left in the place of a secret was written out.
    plain = VARIABLE.sub("", url)
    _, _, query = plain.partition("?")
    fields = parse_qsl(query.partition("#")[0], keep_blank_values=False)
    return bool(_PASSWORD.search(plain)) or any(
        _SECRET.search(name) or _INSIDE.search(value) for name, value in fields
    )


def require_no_secret(url: str) -> None:
    """Refuse a URL that holds a secret instead of its name.

    Raises:
        Invalid: with the way to name it.
    """
    if holds_secret(url):
        raise Invalid(
            "The address holds a password",
            reason="An address is shown in the panel and kept in the history of reports.",
            remedy="Put it into an environment variable of this server and write its name, as ${DB_PASSWORD}.",
        )


def secrets_of(url: str) -> list[str]:
    """The secrets in a URL, as they are written and as they are meant."""
    plain = VARIABLE.sub("", url)
    _, _, query = plain.partition("?")
    secrets = [value for name, value in parse_qsl(query) if _SECRET.search(name)]
    password = _PASSWORD.search(plain)
    return [*secrets, password[1], unquote(password[1])] if password else secrets


def without_secret_fields(url: str) -> str:
    """The URL without the fields of its query that name a secret; the others stay as they are written."""
    head, mark, rest = url.partition("?")
    query, hash_, fragment = rest.partition("#")
    fields = query.split("&")
    remaining = [field for field in fields if not _SECRET.search(unquote(field.partition("=")[0]))]
    if len(remaining) == len(fields):
        return url
    return f"{head}{mark if remaining else ''}{'&'.join(remaining)}{hash_}{fragment}"


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
