"""How much one answer may read: bytes, seconds and rows."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

MEMORY_BYTES = 256 * 2**20
_LAST_SECONDS = 5.0


class BudgetSpentError(Exception):
    """The rest of the source is not read."""


@dataclass
class Budget:
    """What is left for one answer.

    Attributes:
        bytes: that may be read of the store.
        seconds: until rows that were read have to do.
        memory: bytes of the rows that are held.
    """

    bytes: int
    seconds: float
    memory: int = MEMORY_BYTES
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.seconds

    def spend(self, count: int) -> None:
        """Read so many bytes.

        Raises:
            BudgetSpentError: they are more than is left.
        """
        if count > self.bytes:
            raise BudgetSpentError
        self.bytes -= count
        self.check()

    def check(self) -> None:
        """Go on only while there is time.

        Raises:
            BudgetSpentError: there is none left.
        """
        if time.monotonic() > self._until:
            raise BudgetSpentError

    def extend(self) -> None:
        """Allow what is read at last, when it is known which rows are shown, its own time."""
        self._until = max(self._until, time.monotonic() + _LAST_SECONDS)
