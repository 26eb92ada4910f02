"""Opening a store by its description."""

from __future__ import annotations

from typing import TypeAlias

from orrery_engine.lake.local import LocalStore
from orrery_engine.lake.remote import RemoteStore
from orrery_engine.lake.spec import Credentials, StoreSpec

Store: TypeAlias = RemoteStore | LocalStore


def open_store(spec: StoreSpec, credentials: Credentials | None = None) -> Store:
    """The store of a description; nothing is asked of it yet.

    Raises:
        Invalid: the description does not suffice.
    """
    if spec.kind == "local":
        return LocalStore(spec)
    return RemoteStore(spec, credentials or Credentials())
