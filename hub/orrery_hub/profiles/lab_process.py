"""A lab as a local process that is known by more than its number.

After a crash or a power cut the number may be another process's. JupyterHub's spawner believes it; this one asks for
the start of the process too. Each lab has a log of its own, whose last lines say why it ended.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from jupyterhub.spawner import SimpleLocalProcessSpawner, SpawnException
from traitlets import Unicode

from orrery_hub.profiles.leased import LeasedSpawner
from orrery_hub.profiles.start_attempt import Evidence
from orrery_hub.standalone.process_tags import start_mark
from orrery_wire.json_types import JsonObject

_LAST_BYTES = 16_384


class LabProcessSpawner(LeasedSpawner, SimpleLocalProcessSpawner):  # type: ignore[misc]  # it has no types
    """Starts labs as processes of this machine; after a restart of the hub, signals no process that is not the lab."""

    log_folder = Unicode(
        "", help="Where each lab has its log; empty: labs write into the hub's own."
    ).tag(config=True)

    _start_mark = ""

    @property
    def log_file(self) -> Path | None:
        """The log of the lab since its last start; None if it has none of its own."""
        if not self.log_folder:
            return None
        # A name may hold a slash, and `~` is in no name of a server.
        name = quote(self.user.name, safe="") + (f"~{self.name}" if self.name else "")
        return Path(self.log_folder) / f"{name}.log"

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
        address: tuple[str, int] = await super().start()
        self._start_mark = start_mark(self.pid)
        return address

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """Make the links of the profile's mounts, and give the process a log of its own."""
        if self.launch is not None:
            make_links(Path(self.home_dir), self.launch.links)
        file = self.log_file
        own_kwargs: JsonObject = self.popen_kwargs  # type: ignore[has-type]  # a trait of JupyterHub's
        if file is None:
            yield
            return
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Emptied: a lab that runs for months starts anew now and then. Appending: its children write too.
        flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND
        with os.fdopen(os.open(file, flags, 0o600), "ab") as log:
            self.popen_kwargs = {"stdout": log, "stderr": subprocess.STDOUT} | own_kwargs
            try:
                yield
            finally:
                self.popen_kwargs = own_kwargs

    async def evidence(self, problem: BaseException | None) -> Evidence:
        """The last lines of the lab's log."""
        file = self.log_file
        if file is None:
            return Evidence()
        return Evidence(log=await asyncio.to_thread(last_lines, file))

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


def last_lines(file: Path) -> tuple[str, ...]:
    """The last whole lines of a log; none of one that cannot be read, for then nothing was written."""
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _LAST_BYTES))
            lines = stream.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ()
    return tuple(lines[1:] if size > _LAST_BYTES else lines)
