"""Addresses that are shown in the panel and kept in the history: they name secrets, they never hold one."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

from orrery_wire.errors import Invalid

NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# As SQLAlchemy parts an address: a password may hold a slash, a hash or a question mark, a user may not.
_PASSWORD = re.compile(r"^[^:/]*://[^:/@]*:([^@]+)@")
# `sslkey` and `passfile` name files.
_SECRET = re.compile(
    r"^(?!ssl|passfile)(?:.*(?:pass|pwd|secret|token|credential|(?:^|[_-])(?:key|sig|signature|sas)(?:$|[_-])|key$|keyid))",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"(?:pass\w*|pwd|secret\w*|(?:access|account)?_?key|token)\s*=\s*[^\s;&]", re.IGNORECASE
)


def require_no_secret(location: str) -> None:
    """Refuse an address that holds a secret instead of its name.

    Raises:
        Invalid: with the way to name it.
    """
    # Without the names of variables, what is left in the place of a secret was written out.
    plain = NAME.sub("", location)
    _, _, query = plain.partition("?")
    fields = parse_qsl(query.partition("#")[0], keep_blank_values=False)
    written = any(_SECRET.search(name) or _INSIDE.search(value) for name, value in fields)
    if written or _PASSWORD.search(plain):
        raise Invalid(
            "The address holds a password",
            reason="An address is shown in the panel and kept in the history of reports.",
            remedy="Put it into an environment variable of this server and write its name, as ${DB_PASSWORD}.",
        )


def secrets_of(address: str) -> list[str]:
    """The secrets that an address holds, as they were written and as they were meant."""
    plain = NAME.sub("", address)
    _, _, query = plain.partition("?")
    found = [value for name, value in parse_qsl(query) if _SECRET.search(name)]
    password = _PASSWORD.search(plain)
    return [*found, password[1], unquote(password[1])] if password else found
