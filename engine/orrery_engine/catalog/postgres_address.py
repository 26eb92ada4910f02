"""The address of a PostgreSQL server for libpq, with a value for whatever it would else take from this process.

The environment (``PG...``) and the home folder (``.pgpass``, ``.postgresql``) of a server hold credentials of a person.
A connection that somebody else wrote must not send them to a host of its choice.
"""

from __future__ import annotations

import getpass
import ssl
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from orrery_engine.catalog.spec import DatabaseSpec, Password, is_on_this_machine
from orrery_wire.errors import Invalid

# What a connection may say itself; everything else names files of this machine, or ways to log in.
_OPTIONS = frozenset(
    {
        "application_name",
        "connect_timeout",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "sslmode",
        "sslrootcert",
        "target_session_attrs",
        "tcp_user_timeout",
    }
)
_VERIFIED = ("verify-ca", "verify-full")
# None of these is a file, and none of them is looked for any further.
_NO_FILE = "/dev/null/none"
_FIXED: Mapping[str, str] = {
    "channel_binding": "prefer",
    "client_encoding": "UTF8",
    "gssencmode": "disable",
    "hostaddr": "",
    "krbsrvname": "postgres",
    "load_balance_hosts": "disable",
    "passfile": _NO_FILE,
    "requirepeer": "",
    "sslcert": "",
    "sslcertmode": "disable",
    "sslcrl": _NO_FILE,
    "sslcrldir": "",
    "sslkey": "",
    "sslnegotiation": "postgres",
    "ssl_min_protocol_version": "TLSv1.2",
    "ssl_max_protocol_version": "",
}


def address(spec: DatabaseSpec, password: Password, settings: str, seconds: int) -> str:
    """What libpq connects to.

    Args:
        settings: of the session, as ``options`` of libpq.
        seconds: that the connection may take to come about.

    Raises:
        Invalid: the connection has an option that none may have.
    """
    refused = sorted(set(spec.options) - _OPTIONS)
    if refused:
        raise Invalid(
            f'The option "{refused[0]}" cannot be set for a connection',
            reason="It could name files of this machine, or change how the user is made known.",
            remedy=f"Remove it. Possible are {', '.join(sorted(_OPTIONS))}.",
        )
    mode = tls_mode(spec)
    fields = {
        "connect_timeout": str(seconds),
        "application_name": "orrery",
        "target_session_attrs": "any",
        **spec.options,
        **_FIXED,
        "sslmode": mode,
        "require_auth": _methods(mode, password),
        "options": settings,
        "host": spec.host,
        "port": str(spec.port or 5432),
        "dbname": spec.database,
        "user": spec.user or getpass.getuser(),
        "password": password.value,
    }
    authorities = ssl.get_default_verify_paths().cafile
    if mode in _VERIFIED and "sslrootcert" not in spec.options and authorities:
        fields["sslrootcert"] = authorities
    return f"postgresql:///?{urlencode(fields, quote_via=quote)}"


def tls_mode(spec: DatabaseSpec) -> str:
    """The TLS of a connection. Encryption that the other side may refuse is none: only this machine is reached with it."""
    mode = spec.options.get("sslmode", "prefer")
    is_offer = mode in ("prefer", "allow")
    return "require" if is_offer and not is_on_this_machine(spec.host) else mode


def _methods(mode: str, password: Password) -> str:
    """How the user may be made known; the password itself goes to a server only whose certificate was verified."""
    if not password.value:
        return "none"
    return "none,scram-sha-256" + (",password,md5" if mode in _VERIFIED else "")
