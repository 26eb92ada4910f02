"""What a server of somebody else learns when a connection is made to it: never a password, and nothing of this account."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orrery_engine.catalog.errors import translate
from orrery_engine.catalog.postgres_address import address, tls_mode
from orrery_engine.catalog.sessions import open_session
from orrery_engine.catalog.spec import DatabaseSpec, Password, is_on_this_machine
from orrery_wire.errors import Forbidden, Invalid, OrreryError

CANARY = b"canary-of-a-password"
ENVIRONMENT = b"canary-of-the-environment"
_SSL, _GSS = struct.pack("!I", 80877103), struct.pack("!I", 80877104)


@contextmanager
def server(talk: Callable[[socket.socket], bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """A server that takes one connection after the other, and what it was sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                with client:
                    client.settimeout(5)
                    heard.append(talk(client))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listening.getsockname()[1], heard
        # A thread in accept() is not woken by close().
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def postgres(kind: int, more: bytes = b"") -> Callable[[socket.socket], bytes]:
    """PostgreSQL without TLS that asks for a way to log in."""

    def talk(client: socket.socket) -> bytes:
        heard = b""
        while True:
            size = struct.unpack("!I", client.recv(4))[0]
            body = client.recv(size - 4)
            heard += body
            if body[:4] not in (_SSL, _GSS):
                break
            client.sendall(b"N")
        client.sendall(b"R" + struct.pack("!II", 8 + len(more), kind) + more)
        return heard + client.recv(1000)

    return talk


def packet(number: int, body: bytes) -> bytes:
    return struct.pack("<I", len(body))[:3] + bytes([number]) + body


def mysql(first: bytes, then: bytes = b"") -> Callable[[socket.socket], bytes]:
    """MySQL without TLS that asks for a plugin, and perhaps for another one then."""

    def talk(client: socket.socket) -> bytes:
        flags = 0x0200 | 0x8000 | 0x80000 | 0x0001 | 0x8
        greeting = (
            *(
                b"\x0a8.0.0\0",
                struct.pack("<I", 1),
                b"12345678\0",
                struct.pack("<H", flags & 0xFFFF),
            ),
            *(
                b"\x2d",
                struct.pack("<H", 2),
                struct.pack("<H", flags >> 16),
                bytes([21]),
                b"\0" * 10,
            ),
            *(b"123456789012\0", first, b"\0"),
        )
        client.sendall(packet(0, b"".join(greeting)))
        heard = client.recv(4000)
        if then and heard:
            client.sendall(packet(heard[3] + 1, b"\xfe" + then + b"\0x\0"))
            heard += client.recv(4000)
        return heard

    return talk


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials as the environment and the home folder of a lab hold them."""
    (tmp_path / ".pgpass").write_bytes(b"*:*:*:*:" + ENVIRONMENT + b"\n")
    (tmp_path / ".pgpass").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / ".pgpass"))
    for name in ("PGPASSWORD", "PGUSER", "PGDATABASE", "PGAPPNAME", "MYSQL_PWD"):
        monkeypatch.setenv(name, ENVIRONMENT.decode())
    # Another host, which nobody listens at.
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.9")
    monkeypatch.setenv("PGOPTIONS", f"-c application_name={ENVIRONMENT.decode()}")


@pytest.mark.parametrize("kind", [3, 5, 2, 7, 9])
@pytest.mark.parametrize("password", ["", CANARY.decode()])
@pytest.mark.usefixtures("account")
def test_postgresql_is_sent_no_password_in_clear(kind: int, password: str) -> None:
    with server(postgres(kind, b"salt" if kind == 5 else b"")) as (port, heard):
        for mode in ("", "prefer", "allow", "disable"):
            options = {"sslmode": mode} if mode else {}
            spec = DatabaseSpec("postgresql", "d", host="127.0.0.1", port=port, options=options)
            with pytest.raises(OrreryError) as caught:
                open_session(spec, Password(password))
            assert caught.value.remedy, caught.value
            if kind in (3, 5):
                assert isinstance(caught.value, Forbidden), caught.value
    text = b"".join(heard)
    assert heard
    assert CANARY not in text
    assert ENVIRONMENT not in text
    # Nor what it makes of a password: the answer to a question is "p".
    assert b"md5" not in text


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"mysql_native_password", b"mysql_clear_password"),
        (b"mysql_native_password", b"dialog"),
        (b"mysql_native_password", b"mysql_old_password"),
        (b"caching_sha2_password", b"sha256_password"),
        (b"sha256_password", b""),
        (b"mysql_clear_password", b""),
    ],
)
@pytest.mark.usefixtures("account")
def test_mysql_is_sent_no_password_in_clear(first: bytes, then: bytes) -> None:
    with server(mysql(first, then)) as (port, heard):
        for options in ({}, {"tls": "false"}, {"tls": "true"}):
            spec = DatabaseSpec(
                "mysql", "d", host="127.0.0.1", port=port, user="u", options=options
            )
            with pytest.raises(OrreryError) as caught:
                open_session(spec, Password(CANARY.decode()))
            assert caught.value.remedy, caught.value
    text = b"".join(heard)
    assert CANARY not in text
    assert ENVIRONMENT not in text


def test_encryption_that_can_be_refused_is_for_this_machine_only() -> None:
    def mode(host: str, chosen: str) -> str:
        options = {"sslmode": chosen} if chosen else {}
        return tls_mode(DatabaseSpec("postgresql", "d", host=host, options=options))

    for host in ("", "/run/postgresql", "localhost", "127.0.0.1", "127.8.0.1", "::1"):
        assert is_on_this_machine(host)
        assert mode(host, "") == "prefer"
    for host in ("db.example", "10.0.0.1", "127.0.0.1.example", "localhost.example", "::2"):
        assert not is_on_this_machine(host)
        for chosen in ("", "prefer", "allow", "require"):
            assert mode(host, chosen) == "require"
        for chosen in ("disable", "verify-ca", "verify-full"):
            assert mode(host, chosen) == chosen


def test_a_password_itself_goes_only_to_a_verified_server() -> None:
    for chosen, is_verified in (
        *(("", False), ("require", False), ("disable", False)),
        *(("verify-ca", True), ("verify-full", True)),
    ):
        options = {"sslmode": chosen} if chosen else {}
        spec = DatabaseSpec("postgresql", "d", host="db.example", options=options)
        text = address(spec, Password("x"), "", 5)
        assert ("password%2Cmd5" in text) is is_verified
        assert ("sslrootcert" in text) is (
            is_verified and bool(ssl.get_default_verify_paths().cafile)
        )
        assert "require_auth=none&" in address(spec, Password(), "", 5)


def test_options_that_name_files_or_identities_are_refused() -> None:
    for name in ("passfile", "service", "sslcert", "sslkey", "hostaddr", "options", "require_auth"):
        spec = DatabaseSpec("postgresql", "d", host="127.0.0.1", port=1, options={name: "/x"})
        with pytest.raises(Invalid, match=name):
            open_session(spec, Password())
    spec = DatabaseSpec("mysql", "d", host="127.0.0.1", port=1, options={"read_default_file": "x"})
    with pytest.raises(Invalid):
        open_session(spec, Password())


def test_a_lock_is_no_connection_that_only_reads() -> None:
    text = 'Could not set lock on file "x": you would be able to open it in read-only mode'
    assert translate(OSError(text), DatabaseSpec("duckdb", "/x")).code == "conflict"
