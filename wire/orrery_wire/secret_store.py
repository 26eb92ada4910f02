"""The contract of a store of secrets, and its errors. No error and no log line of a store holds a value."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from orrery_wire.connections import StoreKind, StoreState
from orrery_wire.errors import BackendUnavailable

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")


@dataclass(frozen=True)
class Issued:
    """Values that were made for one use, the lease by which they end, and for how many seconds they are good."""

    values: Mapping[str, str] = field(repr=False)
    lease: str
    seconds: int


class SecretStore(ABC):
    """Stores secrets by keys that are given once; nothing that it read stays in memory. Called in threads."""

    kind: ClassVar[StoreKind]

    @abstractmethod
    def state(self) -> tuple[StoreState, str]:
        """Whether it can be used now, and that in one sentence; it never raises."""

    @abstractmethod
    def read(self, key: str) -> dict[str, str]:
        """The values of a key.

        Raises:
            SecretUnavailable: the store cannot be used, or has nothing that is whole under the key.
        """

    @abstractmethod
    def write(self, key: str, values: Mapping[str, str]) -> None:
        """Store values under a key; once it returns, a crash cannot lose them.

        Raises:
            SecretUnavailable: the store cannot be used.
        """

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove what is stored under a key for good; nothing to remove is no error.

        Raises:
            SecretUnavailable: the store cannot be used.
        """

    @abstractmethod
    def issue(self, role: str, seconds: int) -> Issued:
        """Make a user of a database for a role that an administrator set up.

        Raises:
            SecretUnavailable: the store cannot be used, or has no such role.
        """

    @abstractmethod
    def renew(self, lease: str, seconds: int) -> int:
        """Make what was issued last for so many seconds from now; returns the seconds that were granted.

        Raises:
            SecretUnavailable: the store cannot be used, or the lease has ended.
        """

    @abstractmethod
    def revoke(self, lease: str) -> None:
        """End what was issued; what has ended is no error.

        Raises:
            SecretUnavailable: the store cannot be used.
        """

    def claim(self, owner: str, *, force: bool = False) -> bool:
        """Whether what is stored is the owner's to remove: of whoever asks first, or takes it by force.

        Raises:
            SecretUnavailable: the store cannot be used.
        """
        return True  # a store that nobody else can reach


class SecretUnavailable(BackendUnavailable):
    """A secret that cannot be had now; ``details["state"]`` says why, in a word."""

    def __init__(self, state: str, reason: str, remedy: str) -> None:
        super().__init__(
            "The secret of the connection cannot be used",
            reason=reason,
            remedy=remedy,
            details={"state": state},
        )


def missing() -> SecretUnavailable:
    """The error for a key under which nothing is stored."""
    return SecretUnavailable(
        "missing",
        "It is not in the store of secrets any more.",
        "Enter the secret of the connection again.",
    )


def require_key(key: str) -> str:
    """The key, if it can name a file and a part of an address.

    Raises:
        ValueError: it cannot.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("keys of secrets are small letters, digits and hyphens")
    return key
