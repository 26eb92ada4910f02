"""Secrets in OpenBao or Vault: key-value engine of version 2, users of databases by the database engine.

The service logs in by AppRole, or by its pod's identity in a cluster, with a policy of its own (``POLICY``). The token
is in memory only; it is renewed while it is used, and a new one is asked for when it was revoked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import hvac
import requests
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest, VaultError

from orrery_hub.base.secret import mounted_secret
from orrery_wire.connections import StoreState
from orrery_wire.secret_store import (
    Issued,
    SecretStore,
    SecretUnavailable,
    missing,
    require_key,
)

T = TypeVar("T")
_FOLDER = "connections"
_SECONDS = 5
# By default a token lasts a month; one that is used is renewed when so much of its time is over.
_RENEW_AFTER = 0.5

POLICY = f"""\
path "{{mount}}/data/{_FOLDER}/*" {{{{ capabilities = ["create", "update", "read"] }}}}
path "{{mount}}/metadata/{_FOLDER}/*" {{{{ capabilities = ["delete"] }}}}
path "{{database}}/creds/*" {{{{ capabilities = ["read"] }}}}
path "sys/leases/renew" {{{{ capabilities = ["update"] }}}}
path "sys/leases/revoke" {{{{ capabilities = ["update"] }}}}
"""


@dataclass(frozen=True)
class OpenBaoPlace:
    """Where it is, and as what the service logs in; ``secrets`` is the folder with the AppRole's two files."""

    url: str
    secrets: Path
    mount: str = "orrery"
    database: str = "database"
    login: str = "approle"
    role: str = "orrery-hub"
    identity: Path = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
    ca_file: Path | None = None
    namespace: str = ""


class OpenBaoSecretStore(SecretStore):
    """A server of OpenBao or Vault. While it is sealed or away nothing is answered from memory."""

    kind = "openbao"

    def __init__(self, place: OpenBaoPlace) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0

    def state(self) -> tuple[StoreState, str]:
        """Asks the server; renews the token of the service when its time has come."""
        try:
            self._call(lambda client: client.auth.token.lookup_self())
        except SecretUnavailable as problem:
            state = str(problem.details["state"])
            known: StoreState = state if state in ("sealed", "away", "denied") else "away"  # type: ignore[assignment]
            return known, problem.reason
        return "ready", "OpenBao answers and is unsealed."

    def read(self, key: str) -> dict[str, str]:
        """The newest version under a key."""
        path, mount = _path(key), self._place.mount
        try:
            answer = self._call(
                lambda client: client.secrets.kv.v2.read_secret_version(
                    path, mount_point=mount, raise_on_deleted_version=True
                )
            )
        except InvalidPath:
            raise missing() from None
        return {str(name): str(value) for name, value in answer["data"]["data"].items()}

    def write(self, key: str, values: Mapping[str, str]) -> None:
        """A new version under a key."""
        path, mount = _path(key), self._place.mount
        self._call(
            lambda client: client.secrets.kv.v2.create_or_update_secret(
                path, dict(values), mount_point=mount
            )
        )

    def delete(self, key: str) -> None:
        """Every version of a key."""
        path, mount = _path(key), self._place.mount
        self._call(
            lambda client: client.secrets.kv.v2.delete_metadata_and_all_versions(
                path, mount_point=mount
            )
        )

    def issue(self, role: str, seconds: int) -> Issued:
        """A user of a database, by the engine; its first lease is as long as the role says, then as long as it is renewed."""
        try:
            answer = self._call(
                lambda client: client.secrets.database.generate_credentials(
                    role, mount_point=self._place.database
                )
            )
        except (InvalidPath, InvalidRequest):
            raise SecretUnavailable(
                "missing",
                "The database engine of OpenBao has no such role, or could not make a user.",
                "Ask an administrator of the hub to look at the engine's role.",
            ) from None
        data = answer["data"]
        values = {"user": str(data["username"]), "password": str(data["password"])}
        return Issued(values, str(answer["lease_id"]), int(answer["lease_duration"]))

    def renew(self, lease: str, seconds: int) -> int:
        """Renew a lease of the engine."""
        try:
            answer = self._call(lambda client: client.sys.renew_lease(lease, seconds))
        except (InvalidPath, InvalidRequest):
            raise SecretUnavailable(
                "ended", "The lease of its user has ended.", "Open the connection again."
            ) from None
        return int(answer["lease_duration"])

    def revoke(self, lease: str) -> None:
        """End a lease of the engine."""
        try:
            self._call(lambda client: client.sys.revoke_lease(lease))
        except (InvalidPath, InvalidRequest):
            return  # it has ended

    def _call(self, question: Callable[[Any], T]) -> T:
        """Ask as the service; with a new log-in if the token is not good any more.

        Raises:
            SecretUnavailable: sealed, away or denied.
            InvalidPath: there is nothing of that name.
            InvalidRequest: the engine refuses it.
        """
        try:
            client = self._client()
            try:
                return question(client)
            except Forbidden:
                self._token = ""
                return question(self._client())
        except (InvalidPath, InvalidRequest):
            raise
        except Forbidden:
            raise _denied() from None
        except (VaultError, requests.RequestException, OSError, ValueError):
            raise self._trouble() from None

    def _client(self) -> Any:
        """A client with a token that is good; each call has its own, for the library's is not for several threads."""
        client = self._anonymous()
        with self._lock:
            if not self._token:
                self._log_in(client)
            client.token = self._token
            if time.monotonic() > self._renew_at:
                auth = client.auth.token.renew_self()["auth"]
                self._renew_at = time.monotonic() + _RENEW_AFTER * int(auth["lease_duration"])
        return client

    def _anonymous(self) -> Any:
        place = self._place
        session = requests.Session()
        session.trust_env = False
        return hvac.Client(
            url=place.url,
            token="",
            verify=str(place.ca_file) if place.ca_file else True,
            timeout=_SECONDS,
            namespace=place.namespace or None,
            session=session,
        )

    def _log_in(self, client: Any) -> None:
        place = self._place
        try:
            if place.login == "kubernetes":
                identity = place.identity.read_text(encoding="ascii").strip()
                answer = client.auth.kubernetes.login(place.role, identity)
            else:
                answer = client.auth.approle.login(
                    mounted_secret(place.secrets, "vault_role_id"),
                    mounted_secret(place.secrets, "vault_secret_id"),
                )
        except (InvalidRequest, InvalidPath):
            raise Forbidden from None
        auth = answer["auth"]
        self._token = str(auth["client_token"])
        self._renew_at = time.monotonic() + _RENEW_AFTER * int(auth["lease_duration"])

    def _trouble(self) -> SecretUnavailable:
        """Why the server does not do what it should: sealed, or away."""
        try:
            is_sealed = bool(self._anonymous().sys.read_seal_status()["sealed"])
        except (VaultError, requests.RequestException, OSError, ValueError, KeyError):
            is_sealed = False
        if is_sealed:
            return SecretUnavailable(
                "sealed", "OpenBao is sealed.", "Ask an administrator of the hub to unseal it."
            )
        return SecretUnavailable(
            "away",
            "OpenBao does not answer, or does not know the service.",
            "Try again in a moment; if it stays, ask an administrator of the hub.",
        )


def _path(key: str) -> str:
    return f"{_FOLDER}/{require_key(key)}"


def _denied() -> SecretUnavailable:
    return SecretUnavailable(
        "denied",
        "OpenBao does not let the hub service do this: its log-in or its policy is not right.",
        "Ask an administrator of the hub; docs/data.md has the policy.",
    )
