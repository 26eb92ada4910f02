"""The stores of secrets of a hub: the one that new secrets go to, and the one that may still hold old ones."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import select

from orrery_hub.base.db import Database, now
from orrery_hub.connections import store
from orrery_hub.connections.identity import HubIdentity
from orrery_hub.connections.secrets.openbao import OpenBaoPlace, OpenBaoSecretStore
from orrery_hub.settings import Settings
from orrery_wire.connections import SecretPlace, StoreKind
from orrery_wire.errors import OrreryError
from orrery_wire.secret_files import FileSecretStore
from orrery_wire.secret_store import SecretStore, SecretUnavailable

log = logging.getLogger("orrery_hub.connections")


def file_store(settings: Settings) -> FileSecretStore:
    """The encrypted files of a hub."""
    return FileSecretStore(settings.home / "vault", settings.secrets / "vault_keys")


def secret_stores(settings: Settings) -> Sequence[SecretStore]:
    """The stores of the settings, the one for new secrets first."""
    files = file_store(settings)
    if not settings.vault_url:
        return (files,)
    place = OpenBaoPlace(
        url=settings.vault_url,
        secrets=settings.secrets,
        mount=settings.vault_mount,
        database=settings.vault_database_mount,
        login=settings.vault_login,
        role=settings.vault_role,
        ca_file=settings.vault_ca_file,
        namespace=settings.vault_namespace,
    )
    return (OpenBaoSecretStore(place), files)


class SecretPlaces:
    """Writes to the first store, reads where a connection's secret is. What crashes leave behind is removed later."""

    def __init__(
        self,
        database: Database,
        stores: Sequence[SecretStore],
        identity: HubIdentity | None = None,
    ) -> None:
        self._database = database
        self._identity = identity
        self.current = stores[0]
        self._stores: Mapping[str, SecretStore] = {item.kind: item for item in stores}

    def status(self) -> SecretPlace:
        """Where new secrets go, and whether that can be used now."""
        state, text = self.current.state()
        return SecretPlace(kind=self.current.kind, state=state, text=text)

    def claim(self) -> bool:
        """Whether this hub may remove what is in the stores; another one may have been there first.

        Raises:
            SecretUnavailable: a store cannot be used now.
        """
        if self._identity is None:
            return True
        try:
            owner, force = self._identity.read(), self._identity.is_takeover_requested
            is_own = all(item.claim(owner, force=force) for item in self._stores.values())
            if force:
                log.warning("this hub has taken the store of secrets over, as was requested")
                self._identity.end_takeover()
        except (OSError, ValueError) as problem:
            raise SecretUnavailable(
                "damaged",
                f"The hub cannot tell which hub it is: {problem}.",
                "Let the hub service write into `state` of ORRERY_HOME.",
            ) from problem
        return is_own

    def of(self, kind: str) -> SecretStore:
        """The store of a kind.

        Raises:
            SecretUnavailable: the hub does not use it any more.
        """
        if kind not in self._stores:
            raise SecretUnavailable(
                "away",
                f"It is in {kind}, which this hub does not use now.",
                "Ask an administrator to set ORRERY_VAULT_URL again, or enter the secret anew.",
            )
        return self._stores[kind]

    def read(self, row: store.ConnectionRow) -> dict[str, str]:
        """The secret of a connection; nothing for one without.

        Raises:
            SecretUnavailable: it cannot be had.
        """
        return self.of(row.secret_store).read(row.secret_key) if row.secret_key else {}

    def write(self, key: str, values: Mapping[str, str]) -> tuple[StoreKind, str]:
        """Store values under a key that was never given; returns where. Nothing is stored of no values.

        Raises:
            SecretUnavailable: the store cannot be used.
        """
        kind = self.current.kind
        if not values:
            return kind, ""
        with self._database.write() as session:
            store.note_secret(session, kind, key)
        self.current.write(key, values)
        return kind, key

    @contextmanager
    def dropped_if_refused(self, key: str) -> Iterator[None]:
        """Have a secret that was written removed at once if the block fails."""
        try:
            yield
        except Exception:
            with self._database.write() as session:
                note = session.get(store.UnusedSecretRow, (self.current.kind, key))
                if note is not None:
                    note.due = now()
            raise

    def sweep(self) -> None:
        """Remove the secrets that no connection has; what a store does not do now is tried again."""
        with self._database.read() as session:
            query = select(store.UnusedSecretRow).where(store.UnusedSecretRow.due <= now())
            rows = session.scalars(query.limit(200)).all()
        lost: set[StoreKind] = set()
        for row in rows:
            if row.store in lost:
                continue
            try:
                self.of(row.store).delete(row.key)
            except OrreryError as problem:
                log.warning("a secret could not be removed, and will be: %s", problem.reason)
                if problem.details.get("state") in ("away", "sealed"):
                    lost.add(row.store)
                continue
            with self._database.write() as session:
                if (stored := session.get(store.UnusedSecretRow, (row.store, row.key))) is not None:
                    session.delete(stored)
