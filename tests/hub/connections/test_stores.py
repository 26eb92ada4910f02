"""One contract for both stores of secrets; what is special to each is below."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread

import httpx
import hvac
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery_hub.connections.identity import HubIdentity
from orrery_hub.connections.secrets import openbao as openbao_store
from orrery_hub.connections.secrets.openbao import OpenBaoPlace, OpenBaoSecretStore
from orrery_hub.standalone import openbao
from orrery_hub.standalone.home import OPENBAO_CERTIFICATE, Home
from orrery_hub.standalone.managed_process import ManagedProcess
from orrery_hub.standalone.openbao_certificate import certificate_of
from orrery_hub.standalone.part import EXIT_REFUSED, Delays, Part
from orrery_hub.standalone.private_files import write_private
from orrery_wire import secret_files as file_module
from orrery_wire.secret_files import FileSecretStore
from orrery_wire.secret_store import SecretStore, SecretUnavailable
from tests.hub.clusters import Cluster
from tests.loops import each
from tests.servers.openbao import OpenBao, database_users

VALUES = {"password": "p@ss:/%wörd\n\u2028\x00", "empty": "", "long": "x" * 16_000}


@pytest.fixture(params=["file", "openbao"])
def store(request: pytest.FixtureRequest) -> SecretStore:
    if request.param == "file":
        return request.getfixturevalue("files")  # type: ignore[no-any-return]
    return request.getfixturevalue("bao").store()  # type: ignore[no-any-return]


def test_what_was_written_is_read_until_it_is_deleted(store: SecretStore) -> None:
    assert store.state()[0] == "ready"
    store.write("a-1", VALUES)
    store.write("b-1", {"password": "other"})
    assert store.read("a-1") == VALUES
    store.write("a-1", {"password": "new"})
    assert store.read("a-1") == {"password": "new"}
    store.delete("a-1")
    store.delete("a-1")
    with pytest.raises(SecretUnavailable) as missing:
        store.read("a-1")
    assert missing.value.details == {"state": "missing"}
    assert store.read("b-1") == {"password": "other"}


@each(
    "key",
    ["", "../a", "a/../b", "/etc/passwd", "A", "a b", "a\n", "a%2fb", "-a", "a.b", "x" * 129, "ä"],
)
def test_a_key_leads_nowhere_else(store: SecretStore, key: str) -> None:
    for call in (lambda: store.read(key), lambda: store.write(key, {}), lambda: store.delete(key)):
        with pytest.raises((ValueError, SecretUnavailable)):
            call()


def test_threads_share_a_store(store: SecretStore) -> None:
    faults: list[object] = []

    def work(number: int) -> None:
        key = f"thread-{number}"
        for turn in range(4):
            store.write(key, {"v": f"{number}-{turn}"})
            if store.read(key) != {"v": f"{number}-{turn}"}:
                faults.append(number)

    threads = [Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_role_that_is_not_there_is_a_clear_error(store: SecretStore) -> None:
    with pytest.raises(SecretUnavailable) as problem:
        store.issue("no-such-role", 60)
    assert problem.value.reason
    assert problem.value.remedy
    store.revoke("database/creds/no-such-role/none")


def test_no_error_and_no_repr_shows_a_value(
    store: SecretStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    store.write("canary-1", {"password": "canary-quoth-the-parrot"})
    assert "canary-quoth-the-parrot" not in repr(store) + caplog.text


class TestFiles:
    """Encrypted files."""

    def test_nothing_on_the_disk_shows_a_value(
        self, files: FileSecretStore, tmp_path: Path
    ) -> None:
        files.write("a-1", {"password": "canary-quoth-the-parrot"})
        for path in tmp_path.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0
            assert path.is_dir() or b"canary-quoth-the-parrot" not in path.read_bytes()

    def test_each_way_to_damage_a_file_is_seen(
        self, files: FileSecretStore, tmp_path: Path
    ) -> None:
        files.write("a-1", {"password": "secret-value"})
        files.write("b-1", {"password": "other"})
        file = tmp_path / "vault" / "a-1"
        whole = file.read_bytes()
        damaged = [whole[:n] for n in range(len(whole))]
        damaged += [whole[:n] + bytes([whole[n] ^ 1]) + whole[n + 1 :] for n in range(len(whole))]
        damaged += [whole + b"x", b"\n", (tmp_path / "vault" / "b-1").read_bytes()]
        damaged += [whole.replace(b"000001", b"../../x"), whole.replace(b"000001", b"000009")]
        for content in damaged:
            file.write_bytes(content)
            with pytest.raises(SecretUnavailable) as problem:
                files.read("a-1")
            assert problem.value.details == {"state": "damaged"}
            assert "secret-value" not in str(problem.value)
        file.write_bytes(whole)
        assert files.read("a-1") == {"password": "secret-value"}

    def test_another_key_or_none_is_a_clear_state(
        self, files: FileSecretStore, tmp_path: Path
    ) -> None:
        files.write("a-1", {"password": "x"})
        (key,) = [p for p in (tmp_path / "keys").iterdir() if not p.name.startswith(".")]
        text = key.read_text()
        for content in ("0" * 64, "", "zz", "00"):
            key.write_text(content)
            with pytest.raises(SecretUnavailable):
                files.read("a-1")
        key.unlink()
        assert files.state()[0] == "damaged"
        with pytest.raises(SecretUnavailable):
            files.write("b-1", {})
        key.write_text(text)
        assert files.read("a-1") == {"password": "x"}

    def test_a_rotation_changes_every_file_and_leaves_one_key(
        self, files: FileSecretStore, tmp_path: Path
    ) -> None:
        for number in range(5):
            files.write(f"a-{number}", {"v": str(number)})
        before = {p.name: p.read_bytes() for p in (tmp_path / "vault").iterdir()}
        assert files.rotate() == 5
        assert all(p.read_bytes() != before[p.name] for p in (tmp_path / "vault").iterdir())
        assert len([p for p in (tmp_path / "keys").iterdir() if p.name != ".lock"]) == 1
        assert [files.read(f"a-{n}") for n in range(5)] == [{"v": str(n)} for n in range(5)]

    def test_a_rotation_that_was_interrupted_anywhere_loses_nothing(
        self, files: FileSecretStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(3):
            files.write(f"a-{number}", {"v": str(number)})
        replace = Path.replace
        for step in range(3):
            count = 0

            def stop(self: Path, target: Path, *, step: int = step) -> Path:
                nonlocal count
                if count == step:
                    raise OSError(28, "No space left on device")
                count += 1
                return replace(self, target)

            with monkeypatch.context() as patch:
                patch.setattr(Path, "replace", stop)
                with pytest.raises(SecretUnavailable, match="No space left"):
                    files.rotate()
            assert [files.read(f"a-{n}") for n in range(3)] == [{"v": str(n)} for n in range(3)]
            assert not list((tmp_path / "vault").glob(".*"))
        assert files.rotate() == 3
        assert len([p for p in (tmp_path / "keys").iterdir() if p.name != ".lock"]) == 1

    def test_a_rotation_beside_a_service_that_writes(
        self, files: FileSecretStore, tmp_path: Path
    ) -> None:
        service = FileSecretStore(tmp_path / "vault", tmp_path / "keys")
        service.write("a-1", {"v": "0"})
        faults: list[object] = []

        def write() -> None:
            for turn in range(40):
                service.write("a-1", {"v": str(turn)})
                if service.read("a-1") != {"v": str(turn)}:
                    faults.append(turn)

        thread = Thread(target=write)
        thread.start()
        while thread.is_alive():
            files.rotate()
        thread.join()
        assert faults == []

    @given(st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=5))
    def test_every_text_comes_back(
        self, tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]
    ) -> None:
        folder = tmp_path_factory.getbasetemp() / "any-text"
        store = FileSecretStore(folder / "vault", folder / "keys")
        store.write("a-1", values)
        assert store.read("a-1") == values
        shutil.rmtree(folder)

    def test_the_head_names_the_key_of_the_file(self) -> None:
        for head in (b"", b"orrery-secret-1 \n", b"orrery-secret-1 ../x\n", b"other 1\n"):
            with pytest.raises(ValueError, match="damaged"):
                file_module._key_name(head)


class TestOpenBao:
    """A real server."""

    def test_the_service_may_do_nothing_else(self, bao: OpenBao) -> None:
        store = bao.store()
        store.write("own-1", {"v": "1"})
        client, _ = store._client()
        paths = [
            "orrery/metadata/connections",
            "orrery/metadata",
            "orrery/data/other",
            "orrery/data/connections/../other",
            "orrery/config",
            "sys/mounts",
            "sys/policy/orrery-hub",
            "sys/auth",
            "sys/audit",
            "auth/approle/role/orrery-hub",
            "auth/approle/role/orrery-hub/secret-id",
            "auth/token/accessors",
            "identity/entity/id",
            "database/config/x",
        ]
        for path in paths:
            for ask in (client.list, client.read, lambda p: client.write_data(p, data={"a": "b"})):
                with pytest.raises(hvac.exceptions.VaultError):
                    ask(path)

    def test_nobody_keeps_a_root_token(self, bao: OpenBao) -> None:
        assert "root" not in (bao.secrets / "openbao_unseal").read_text()
        for file in bao.secrets.iterdir():
            assert file.stat().st_mode & 0o077 == 0

    def test_a_token_that_was_revoked_is_asked_for_anew(self, bao: OpenBao) -> None:
        store = bao.store()
        store.write("revoked-1", {"v": "1"})
        store._client()[0].auth.token.revoke_self()
        assert store.read("revoked-1") == {"v": "1"}

    def test_a_wrong_log_in_and_a_wrong_policy_are_a_clear_state(
        self, bao: OpenBao, tmp_path: Path
    ) -> None:
        for name in ("vault_role_id", "vault_secret_id"):
            (tmp_path / name).write_text("wrong")
        assert bao.store(secrets=tmp_path).state()[0] == "denied"
        other = bao.store(mount="other")
        with pytest.raises(SecretUnavailable) as problem:
            other.write("a-1", {"password": "canary-quoth-the-parrot"})
        assert problem.value.details == {"state": "denied"}
        assert "canary" not in str(problem.value)

    def test_no_proxy_of_the_environment_and_no_other_certificate(
        self, bao: OpenBao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
            monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none"))
        assert bao.store().state()[0] == "ready"
        # Of the same name, by nobody that is trusted.
        certificate_of(tmp_path, "127.0.0.1")
        for ca_file in (None, tmp_path / OPENBAO_CERTIFICATE):
            store = bao.store(ca_file=ca_file)
            assert store.state()[0] == "away"
            with pytest.raises(SecretUnavailable):
                store.write("a-1", {"password": "x"})
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bao.ca_file))
        assert bao.store(ca_file=tmp_path / OPENBAO_CERTIFICATE).state()[0] == "away"

    def test_a_vault_belongs_to_the_hub_that_came_first(self, bao: OpenBao, tmp_path: Path) -> None:
        first, second = HubIdentity(tmp_path / "first"), HubIdentity(tmp_path / "second")
        store, other = bao.store(), bao.store()
        with ThreadPoolExecutor(4) as pool:
            names = [first.read(), second.read(), "third", "fourth"]
            claims = [pool.submit(bao.store().claim, name) for name in names]
            assert sorted(claim.result() for claim in claims) == [False, False, False, True]
        assert store.claim(first.read(), force=True)
        assert not other.claim(second.read())
        assert store.claim(first.read())
        # A copy of the home is another hub, whatever is in it.
        shutil.copytree(tmp_path / "first", tmp_path / "copy")
        copy = HubIdentity(tmp_path / "copy")
        assert copy.read() != first.read()
        assert HubIdentity(tmp_path / "first").read() == first.read()
        assert not other.claim(copy.read())
        assert other.claim(copy.read(), force=True)
        assert not store.claim(first.read())

    def test_sealed_killed_and_started_again(self, tmp_path: Path) -> None:
        bao = OpenBao(tmp_path / "bao")
        store = bao.store()
        try:
            store.write("a-1", {"v": "1"})
            bao.seal()
            assert store.state()[0] == "sealed"
            with pytest.raises(SecretUnavailable, match="sealed"):
                store.read("a-1")
            bao.unseal()
            assert store.read("a-1") == {"v": "1"}
            bao.kill()
            assert store.state()[0] == "away"
            with pytest.raises(SecretUnavailable) as problem:
                store.read("a-1")
            assert problem.value.details == {"state": "away"}
            bao.start()
            assert store.read("a-1") == {"v": "1"}
        finally:
            bao.kill()


class Listener:
    """Something that listens at a port in the place of OpenBao, and remembers what it was sent."""

    def __init__(self, answer: Callable[[socket.socket], None], context: ssl.SSLContext | None):
        self.received = b""
        self._answer, self._context = answer, context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        self._open: list[socket.socket] = []
        Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                peer = self._socket.accept()[0]
                self._open.append(peer)
                Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with suppress(OSError):
            if self._context is not None:
                peer = self._context.wrap_socket(peer, server_side=True)
                self._open.append(peer)
            self.received += peer.recv(65_536)
            self._answer(peer)

    def close(self) -> None:
        for each_socket in (self._socket, *self._open):
            each_socket.close()


def silent(_: socket.socket) -> None:
    """Answer nothing, and leave the connection open."""


def not_set_up(peer: socket.socket) -> None:
    """Say that there is no vault yet."""
    body = b'{"initialized": false, "sealed": true, "keys": ["K"], "root_token": "R"}'
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    peer.close()


def context_of(folder: Path, *, is_new: bool = True) -> ssl.SSLContext:
    if is_new:
        folder.mkdir()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate_of(folder, "127.0.0.1"))
    return context


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """What lies there of an OpenBao that was set up."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    certificate_of(folder, "127.0.0.1")
    (folder / "openbao_unseal").write_text('{"key": "UNSEAL-KEY-CANARY"}')
    (folder / "vault_role_id").write_text("ROLE-CANARY")
    (folder / "vault_secret_id").write_text("SECRET-CANARY")
    return folder


class TestSomebodyElseAtThePort:
    """Whoever takes the port of an OpenBao that is not running."""

    @pytest.mark.parametrize("is_tls", [True, False])
    def test_is_sent_nothing(self, secrets: Path, tmp_path: Path, is_tls: bool) -> None:
        context = context_of(tmp_path / "other") if is_tls else None
        listener = Listener(not_set_up, context)
        try:
            with pytest.raises(TimeoutError):
                openbao.open_server(listener.url, secrets, seconds=0.2)
            place = OpenBaoPlace(listener.url, secrets, ca_file=secrets / OPENBAO_CERTIFICATE)
            store = OpenBaoSecretStore(place)
            assert store.state()[0] == "away"
            with pytest.raises(SecretUnavailable):
                store.write("a-1", {"password": "VALUE-CANARY"})
        finally:
            listener.close()
        assert b"CANARY" not in listener.received
        assert b"HTTP" not in listener.received
        assert "UNSEAL-KEY-CANARY" in (secrets / "openbao_unseal").read_text()

    def test_hangs_few_threads_once(self, secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(openbao_store, "_SECONDS", 0.5)
        monkeypatch.setattr(openbao_store, "_ROOM_SECONDS", 0.1)
        monkeypatch.setattr(openbao_store, "_PAUSE_SECONDS", 0.8)
        listener = Listener(silent, None)
        place = OpenBaoPlace(listener.url, secrets, ca_file=secrets / OPENBAO_CERTIFICATE)
        store = OpenBaoSecretStore(place)
        try:
            began = time.monotonic()
            with ThreadPoolExecutor(20) as pool:
                futures = [pool.submit(store.state) for _ in range(30)]
                states = [future.result()[0] for future in futures]
            assert set(states) == {"away"}
            assert time.monotonic() - began < 3
            began = time.monotonic()
            for _ in range(20):
                for ask in (
                    store.state,
                    lambda: store.read("a-1"),
                    lambda: store.write("a-1", {"v": "x"}),
                    lambda: store.issue("r", 600),
                    lambda: store.revoke("l"),
                ):
                    with suppress(SecretUnavailable):
                        ask()
            assert time.monotonic() - began < 2.5
        finally:
            listener.close()

    def test_a_server_that_was_silent_is_asked_again(self, bao: OpenBao) -> None:
        store = bao.store()
        store._pause()
        assert store.state()[0] == "away"
        store._silent_until = time.monotonic() - 1
        assert store.state()[0] == "ready"
        store.write("again-1", {"v": "1"})

    @pytest.mark.parametrize("is_own", [True, False])
    def test_is_not_healthy(self, secrets: Path, tmp_path: Path, is_own: bool) -> None:
        """The supervisor's check does not take another's answer for that of its process."""
        listener = Listener(
            not_set_up, context_of(secrets if is_own else tmp_path / "other", is_new=not is_own)
        )
        managed = ManagedProcess(
            name="openbao", title="OpenBao", command=(), ca_file=str(secrets / OPENBAO_CERTIFICATE)
        )
        part = Part(managed, Home(tmp_path), {}, lambda name, **changes: None, Delays())

        async def check() -> str | None:
            async with httpx.AsyncClient(trust_env=False) as client:
                return await part._check(client, (listener.url,))

        try:
            assert asyncio.run(check()) == ("" if is_own else None)
        finally:
            listener.close()
        assert is_own == (b"GET" in listener.received)


class TestWithoutItsStorage:
    """The unseal key stays what it is, and it is said what is the matter."""

    def test_a_server_that_is_new_is_not_set_up_beside_an_old_key(
        self, secrets: Path, tmp_path: Path
    ) -> None:
        before = {file.name: file.read_bytes() for file in secrets.iterdir()}
        listener = Listener(not_set_up, context_of(secrets, is_new=False))
        try:
            with pytest.raises(ValueError, match=r"storage .* is empty.*Bring the storage back"):
                openbao.open_server(listener.url, secrets, seconds=5)
            (secrets / "openbao_unseal").unlink()
            with pytest.raises(ValueError, match=r"vault_role_id.*log-in at another vault"):
                openbao.open_server(listener.url, secrets, seconds=5)
        finally:
            listener.close()
        del before["openbao_unseal"]
        assert {file.name: file.read_bytes() for file in secrets.iterdir()} == before
        assert b"unseal" not in listener.received

    @pytest.mark.parametrize("state", ["missing", "empty", "a file"])
    def test_it_is_not_started(
        self, secrets: Path, tmp_path: Path, state: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        storage = tmp_path / "openbao" / "storage"
        if state == "empty":
            storage.mkdir(parents=True)
        elif state == "a file":
            storage.parent.mkdir()
            storage.touch()
        with pytest.raises(SystemExit) as end:
            openbao.main([str(tmp_path), "127.0.0.1:1", "127.0.0.1:2"])
        assert end.value.code == EXIT_REFUSED
        assert "Bring the storage back" in capfd.readouterr().out
        assert not (tmp_path / "openbao" / "server.json").exists()

    def test_what_has_to_be_new_replaces_nothing(self, tmp_path: Path) -> None:
        file = tmp_path / "key"
        write_private(file, "first", is_new=True)
        with pytest.raises(FileExistsError):
            write_private(file, "second", is_new=True)
        assert [p.name for p in tmp_path.iterdir()] == ["key"]
        assert file.read_text() == "first"
        assert file.stat().st_mode & 0o077 == 0
        write_private(file, "third")
        assert file.read_text() == "third"

    def test_a_certificate_is_kept_until_it_does_not_fit(self, tmp_path: Path) -> None:
        certificate, key = certificate_of(tmp_path, "127.0.0.1")
        first = certificate.read_bytes()
        assert certificate_of(tmp_path, "127.0.0.1")[0].read_bytes() == first
        seen = {first}
        for change in (
            lambda: key.unlink(),
            lambda: certificate.write_text("damaged"),
            lambda: key.write_bytes(b""),
            lambda: certificate_of(tmp_path, "::1"),
            lambda: certificate_of(tmp_path, "localhost"),
        ):
            change()
            certificate_of(tmp_path, "127.0.0.1")
            seen.add(certificate.read_bytes())
            assert (certificate.stat().st_mode | key.stat().st_mode) & 0o077 == 0
        assert len(seen) == 6


class TestDynamicUsers:
    """A user of PostgreSQL for each use, by the database engine of OpenBao."""

    def test_a_user_is_made_renewed_and_removed(
        self, engine: OpenBaoSecretStore, cluster: Cluster
    ) -> None:
        issued = engine.issue("reader", 600)
        assert issued.values["user"] in database_users(cluster)
        assert issued.values["password"] not in repr(issued)
        assert 500 < engine.renew(issued.lease, 600) <= 600
        engine.revoke(issued.lease)
        engine.revoke(issued.lease)
        assert database_users(cluster) == set()
        with pytest.raises(SecretUnavailable) as problem:
            engine.renew(issued.lease, 600)
        assert problem.value.details == {"state": "ended"}

    def test_a_renewal_goes_on_after_a_restart(
        self, engine: OpenBaoSecretStore, bao: OpenBao
    ) -> None:
        issued = engine.issue("reader", 600)
        bao.kill()
        with pytest.raises(SecretUnavailable, match="answer"):
            engine.renew(issued.lease, 600)
        bao.start()
        assert engine.renew(issued.lease, 600) > 500
        engine.revoke(issued.lease)
