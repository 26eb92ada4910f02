"""A lab as a local process that is known by more than its number.

After a crash or a power cut the number may be another process's. JupyterHub's spawner believes it; this one asks for
the start of the process too.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner, SpawnException

from orrery_hub.profiles.leased import LeasedSpawner
from orrery_hub.standalone.process_tags import start_mark
from orrery_wire.json_types import JsonObject


class LabProcessSpawner(LeasedSpawner, SimpleLocalProcessSpawner):  # type: ignore[misc]  # it has no types
    """Starts labs as processes of this machine; after a restart of the hub, signals no process that is not the lab."""

    _start_mark = ""

    def load_state(self, state: JsonObject) -> None:
        """Restore what the hub knew of the process."""
        super().load_state(state)
        self._start_mark = str(state.get("start_mark", ""))

    def get_state(self) -> JsonObject:
        """What the next start of the hub has to know of the process."""
        state: JsonObject = super().get_state()
        return state | {"start_mark": self._start_mark} if self.pid else state

    def clear_state(self) -> None:
        """Forget the process."""
        super().clear_state()
        self._start_mark = ""

    async def start(self) -> tuple[str, int]:
        """Start the lab."""
        if self.launch is not None:
            make_links(Path(self.home_dir), self.launch.links)
        address: tuple[str, int] = await super().start()
        self._start_mark = start_mark(self.pid)
        return address

    async def _signal(self, sig: int) -> bool:
        """Signal the lab's process; false if it has ended, whatever process has its number now."""
        if not self._start_mark or start_mark(self.pid) != self._start_mark:
            return False
        return bool(await super()._signal(sig))


def make_links(home: Path, links: Mapping[str, str]) -> None:
    """Make the links of a profile's mounts in a home; what is there stays.

    Raises:
        SpawnException: a folder is not there, or the place of a link is taken.
    """
    for path, source in links.items():
        link = home / path
        problem = ""
        if not Path(source).is_dir():
            problem = f"The folder {source} is not there. Ask an administrator of the hub."
        elif link.is_symlink() and link.readlink() == Path(source):
            continue
        elif link.is_symlink() or link.exists():
            problem = (
                f"Your home has something else in the place of {path}. Rename it and start again."
            )
        if problem:
            raise SpawnException(f"{path} cannot be mounted. {problem}", reason="mount")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(source)
