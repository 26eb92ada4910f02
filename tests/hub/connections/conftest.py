"""Stores of secrets, and a hub service whose people have servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orrery_hub.connections.secrets.openbao import OpenBaoSecretStore
from orrery_wire.secret_files import FileSecretStore
from tests.hub.clusters import Cluster
from tests.servers.openbao import OpenBao


@pytest.fixture(scope="session")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    server = OpenBao(tmp_path_factory.mktemp("bao"))
    yield server
    server.kill()


@pytest.fixture
def files(tmp_path: Path) -> FileSecretStore:
    return FileSecretStore(tmp_path / "vault", tmp_path / "keys")


@pytest.fixture(scope="session")
def engine(bao: OpenBao, cluster: Cluster) -> OpenBaoSecretStore:
    admin = bao.admin()
    admin.sys.enable_secrets_engine("database", path="database")
    admin.secrets.database.configure(
        "pg",
        "postgresql-database-plugin",
        allowed_roles=["reader"],
        connection_url=f"host={cluster.root} user=orrery dbname=postgres sslmode=disable",
    )
    create = "CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'"
    admin.secrets.database.create_role("reader", "pg", [create], default_ttl="60s", max_ttl="1h")
    return bao.store()
