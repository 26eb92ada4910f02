"""A real OpenBao, set up as `orrery up` sets it up; it can be sealed, killed and started again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import psycopg

from orrery_hub.connections.secrets.openbao import OpenBaoPlace, OpenBaoSecretStore
from orrery_hub.ports import find_free_port
from orrery_hub.standalone import openbao
from orrery_hub.standalone.home import OPENBAO_CERTIFICATE
from tests.hub.clusters import Cluster


class OpenBao:
    """One server with its storage in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets = folder / "secrets"
        self.secrets.mkdir(parents=True)
        self.ca_file = self.secrets / OPENBAO_CERTIFICATE
        self.port, self.cluster_port = find_free_port(), find_free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.root = ""
        self.start()

    def start(self) -> None:
        """Start and unseal it."""
        file = openbao.write_configuration(
            self.folder,
            self.secrets,
            f"127.0.0.1:{self.port}",
            f"127.0.0.1:{self.cluster_port}",
        )
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(openbao.binary()), "server", "-config", str(file)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if not self.root:
            self._keep_root()
        self.unseal()

    def _keep_root(self) -> None:
        """Initialise it, and make a root token that outlives the one that the set-up revokes."""
        client = openbao.client_of(self.url, self.secrets)
        openbao.wait_until_answered(client, 30)
        answer = client.sys.initialize(secret_shares=1, secret_threshold=1)
        client.sys.submit_unseal_key(answer["keys"][0])
        openbao.wait_until_active(client, 30)
        client.token = answer["root_token"]
        self.root = client.auth.token.create_orphan(policies=["root"])["auth"]["client_token"]
        text = {"key": answer["keys"][0], "root_token": answer["root_token"]}
        (self.secrets / "openbao_unseal").write_text(json.dumps(text))

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def admin(self) -> Any:
        """A client that may do everything."""
        client = openbao.client_of(self.url, self.secrets)
        client.token = self.root
        return client

    def seal(self) -> None:
        self.admin().sys.seal()

    def unseal(self) -> None:
        openbao.open_server(self.url, self.secrets, seconds=30)
        openbao.wait_until_active(openbao.client_of(self.url, self.secrets), 30)

    def store(self, **more: Any) -> OpenBaoSecretStore:
        return OpenBaoSecretStore(
            OpenBaoPlace(
                **{"url": self.url, "secrets": self.secrets, "ca_file": self.ca_file, **more}
            )
        )


def database_users(cluster: Cluster) -> set[str]:
    """The users that the database engine has made and not removed."""
    with psycopg.connect(f"host={cluster.root} user=orrery dbname=postgres") as connection:
        rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%'")
        return {row[0] for row in rows}
