"""Which hub this is: two hubs on copies of one database and one vault must not remove each other's secrets."""

from __future__ import annotations

from pathlib import Path

from orrery_wire.secret_file import secret

_NAME = "hub_identity"


class HubIdentity:
    """A file of the hub's home. One that was copied is another file, so a hub that was restored is another hub."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "state"
        self._takeover = self._folder / "take_over_secrets"

    def read(self) -> str:
        """The hub's own name."""
        value = secret(self._folder, _NAME)
        return f"{value}-{(self._folder / _NAME).stat().st_ino}"

    def request_takeover(self) -> None:
        """Have the service of this hub take the vault over when it looks at it next."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._takeover.touch()

    @property
    def is_takeover_requested(self) -> bool:
        """Whether somebody wants it to take the vault over."""
        return self._takeover.exists()

    def end_takeover(self) -> None:
        """Note that it has."""
        self._takeover.unlink(missing_ok=True)
