"""Secrets in OpenBao or Vault: key-value engine of version 2, users of databases by the database engine.

The service logs in by AppRole, or by its pod's identity in a cluster, with a policy of its own (``POLICY``). The token
is in memory only; it is renewed while it is used, and a new one is asked for when it was revoked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
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
# No key of a connection: those end with a number in hexadecimal.
_OWNER = "hub-owner"
_SECONDS = 5
# So many questions at once; who finds no room waits this long for it.
_AT_ONCE = 4
_ROOM_SECONDS = 1.0
# After a question that got no answer in time, nobody waits for a while, but for one who tries again.
_PAUSE_SECONDS = 5.0
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
    """A server of OpenBao or Vault. While it is sealed or away nothing is answered from memory.

    One that hangs holds few threads, and each of them once: all others are refused at once until it answers again.
    """

    kind = "openbao"

    def __init__(self, place: OpenBaoPlace) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._silent_until = 0.0
        self._trial = threading.Lock()

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
        """A user of a database, by the engine, which is there for so many seconds, or fewer if the role allows fewer."""
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
        data, lease = answer["data"], str(answer["lease_id"])
        values = {"user": str(data["username"]), "password": str(data["password"])}
        try:
            # A crash from here on leaves the user for so long only, whatever the role allows.
            granted = self.renew(lease, seconds)
        except BaseException:
            self.revoke(lease)
            raise
        return Issued(values, lease, granted)

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

    def claim(self, owner: str, *, force: bool = False) -> bool:
        """The owner's name is stored beside the secrets; nobody else replaces it without force."""
        mount, values = self._place.mount, {"owner": owner}
        if force:
            self.write(_OWNER, values)
            return True
        with suppress(InvalidRequest):  # somebody was first
            if self._owner() is None:
                path = _path(_OWNER)
                self._call(
                    lambda client: client.secrets.kv.v2.create_or_update_secret(
                        path, values, cas=0, mount_point=mount
                    )
                )
        return self._owner() == owner

    def _owner(self) -> str | None:
        try:
            return self.read(_OWNER)["owner"]
        except SecretUnavailable as problem:
            if problem.details["state"] == "missing":
                return None
            raise

    def _call(self, question: Callable[[Any], T]) -> T:
        """Ask as the service; with a new log-in if the token is not good any more.

        Raises:
            SecretUnavailable: sealed, away or denied.
            InvalidPath: there is nothing of that name.
            InvalidRequest: the engine refuses it.
        """
        with self._admitted():
            try:
                client, token = self._client()
                try:
                    return question(client)
                except Forbidden:
                    self._forget(token)
                    return question(self._client()[0])
            except (InvalidPath, InvalidRequest):
                raise
            except Forbidden:
                raise _denied() from None
            except requests.Timeout:
                self._pause()
                raise _away() from None
            except (VaultError, requests.RequestException, OSError, ValueError):
                raise self._trouble() from None

    @contextmanager
    def _admitted(self) -> Iterator[None]:
        """Let a few questions through, and of a server that was silent one after the other.

        Raises:
            SecretUnavailable: there is no room.
        """
        silent_until = self._silent_until
        with ExitStack() as stack:
            if silent_until:
                is_early = time.monotonic() < silent_until
                if is_early or not self._trial.acquire(blocking=False):
                    raise _away()
                stack.callback(self._trial.release)
            if not self._room.acquire(timeout=_ROOM_SECONDS):
                raise _away()
            stack.callback(self._room.release)
            try:
                yield
            finally:
                if self._silent_until == silent_until:
                    self._silent_until = 0.0

    def _pause(self) -> None:
        self._silent_until = time.monotonic() + _PAUSE_SECONDS

    def _client(self) -> tuple[Any, str]:
        """A client with a token that is good, and the token; each call has its own, for the library's is not for several threads.

        Raises:
            SecretUnavailable: another thread has logged in for too long.
        """
        client = self._anonymous()
        token = self._token
        if not token or time.monotonic() > self._renew_at:
            if not self._lock.acquire(timeout=_SECONDS):
                raise _away()
            try:
                token = self._fresh_token(client)
            finally:
                self._lock.release()
        client.token = token
        return client, token

    def _fresh_token(self, client: Any) -> str:
        if not self._token:
            self._log_in(client)
        client.token = self._token
        if time.monotonic() > self._renew_at:
            auth = client.auth.token.renew_self()["auth"]
            self._renew_at = time.monotonic() + _RENEW_AFTER * int(auth["lease_duration"])
        return self._token

    def _forget(self, token: str) -> None:
        """Have a new token asked for, unless another thread has one already."""
        with self._lock:
            if self._token == token:
                self._token = ""

    def _anonymous(self) -> Any:
        place = self._place
        return anonymous_client(place.url, place.ca_file, place.namespace)

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
        except requests.Timeout:
            self._pause()
            is_sealed = False
        except (VaultError, requests.RequestException, OSError, ValueError, KeyError):
            is_sealed = False
        if is_sealed:
            return SecretUnavailable(
                "sealed", "OpenBao is sealed.", "Ask an administrator of the hub to unseal it."
            )
        return _away()


def anonymous_client(url: str, ca_file: Path | None, namespace: str = "") -> Any:
    """A client without a token, which listens to no proxy of the environment and goes to no other address.

    With ``ca_file`` it speaks to nobody whose certificate is not by one of those.
    """
    session = requests.Session()
    session.trust_env = False
    # The library looks at the session's, and not at its own, if it has one.
    session.verify = str(ca_file) if ca_file else True
    return hvac.Client(
        url=url,
        token="",
        timeout=_SECONDS,
        namespace=namespace or None,
        allow_redirects=False,
        session=session,
    )


def _away() -> SecretUnavailable:
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
