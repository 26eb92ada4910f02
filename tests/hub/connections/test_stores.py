"""One contract for both stores of secrets; what is special to each is below."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Thread

import hvac
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery_hub.connections.secrets.openbao import OpenBaoSecretStore
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
    store.write("canary-1", {"password": "canary-7f3a"})
    assert "canary-7f3a" not in repr(store) + caplog.text


class TestFiles:
    """Encrypted files."""

    def test_nothing_on_the_disk_shows_a_value(
        self, files: FileSecretStore, tmp_path: Path
    ) -> None:
        files.write("a-1", {"password": "canary-7f3a"})
        for path in tmp_path.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0
            assert path.is_dir() or b"canary-7f3a" not in path.read_bytes()

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
        client = store._client()
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
        store._client().auth.token.revoke_self()
        assert store.read("revoked-1") == {"v": "1"}

    def test_a_wrong_log_in_and_a_wrong_policy_are_a_clear_state(
        self, bao: OpenBao, tmp_path: Path
    ) -> None:
        for name in ("vault_role_id", "vault_secret_id"):
            (tmp_path / name).write_text("wrong")
        assert bao.store(secrets=tmp_path).state()[0] == "denied"
        other = bao.store(mount="other")
        with pytest.raises(SecretUnavailable) as problem:
            other.write("a-1", {"password": "canary-7f3a"})
        assert problem.value.details == {"state": "denied"}
        assert "canary" not in str(problem.value)

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
