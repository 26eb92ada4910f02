"""A connection to MySQL or MariaDB that sends no password in clear, and reads no more than it may."""

from __future__ import annotations

import socket
import ssl
from typing import Any, NoReturn

from pymysql.connections import Connection

from orrery_engine.catalog.spec import DatabaseSpec, Password, is_on_this_machine
from orrery_wire.errors import Forbidden, Invalid

# With these the password itself is sent, or something that is as good.
_PLAIN = ("dialog", "mysql_clear_password", "mysql_old_password", "sha256_password")
_OPTIONS = frozenset({"ssl_ca", "tls"})


class TooMuchError(Exception):
    """The server sent more than may be read."""


class LimitedConnection(Connection):  # type: ignore[misc,type-arg,unused-ignore]
    """A connection of which each statement gives a limited number of bytes.

    Attributes:
        allowance: bytes that may still be read; None is no limit.
    """

    allowance: int | None = None
    is_verified = False
    _result: Any

    def spend(self, size: int) -> None:
        """Count bytes.

        Raises:
            TooMuchError: there were too many; the connection is closed, for what is left of the result would be read else.
        """
        if self.allowance is None:
            return
        self.allowance -= size
        if self.allowance < 0:
            self.abort()
            raise TooMuchError

    def abort(self) -> None:
        """Close it in the middle of a result."""
        self._force_close()
        result, self._result = self._result, None
        if result is not None:
            # Else the driver would read on to the end of it.
            result.unbuffered_active = False
            result.connection = None

    def _read_bytes(self, num_bytes: int) -> Any:
        self.spend(num_bytes)
        return super()._read_bytes(num_bytes)

    def _get_server_information(self) -> None:
        super()._get_server_information()
        if not self.is_verified and self._auth_plugin_name in _PLAIN:
            _refuse()


class _Refused:
    """A way to log in that is not taken."""

    def __init__(self, _: Any) -> None:
        """Takes what the driver gives."""

    def authenticate(self, _: Any) -> NoReturn:
        """Refuse it."""
        _refuse()


def _refuse() -> NoReturn:
    raise Forbidden(
        "The server asks for the password in a form that others could read",
        reason="It is sent so only over TLS with a certificate that was verified.",
        remedy="Turn on TLS in the connection, or let the server use another plugin for this user.",
    )


def connect(spec: DatabaseSpec, password: Password, seconds: int) -> LimitedConnection:
    """A connection.

    Args:
        seconds: that it may take to come about.
    """
    tls = _tls(spec)
    connection = LimitedConnection(
        host=spec.host or "localhost",
        port=spec.port or 3306,
        user=spec.user,
        password=password.value,
        database=spec.database or None,
        charset="utf8mb4",
        connect_timeout=seconds,
        read_timeout=spec.seconds + seconds,
        ssl=tls,
        auth_plugin_map={} if tls else dict.fromkeys(_PLAIN, _Refused),
        local_infile=False,
        autocommit=True,
        defer_connect=True,
    )
    connection.is_verified = tls is not None
    if not spec.host.startswith("/"):
        connection.connect()
        return connection
    # A socket that the driver opens by itself is left open when nothing listens.
    path = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.settimeout(seconds)
        path.connect(spec.host)
        connection.connect(path)
    except BaseException:
        path.close()
        raise
    return connection


def _tls(spec: DatabaseSpec) -> ssl.SSLContext | None:
    """TLS that is required and verified; None where it is only offered.

    Only a connection that says so, or one to this machine that says nothing, does without.
    """
    refused = sorted(set(spec.options) - _OPTIONS)
    if refused:
        raise Invalid(f'The option "{refused[0]}" cannot be set for a connection')
    chosen = spec.options.get("tls", "" if is_on_this_machine(spec.host) else "true")
    authorities = spec.options.get("ssl_ca")
    if spec.host.startswith("/") or (chosen != "true" and not authorities):
        return None
    context = ssl.create_default_context(cafile=authorities)
    # Certificates that MySQL makes for itself do not keep to the newest rules of form.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
