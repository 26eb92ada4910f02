"""The processes of a lab: its children, and what was detached from them.

``tmux``, ``nohup`` and ``setsid`` give a process to init, so that it is nobody's child any more. It keeps the environment
that the lab gave to its terminal, with the address of the server in it, which no other server has. So two servers of
one account of the machine, as on a laptop, are told apart.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import psutil

_SERVER = "JUPYTERHUB_SERVICE_PREFIX"


class LabProcesses:
    """Lists the processes of this lab; what belongs to it is asked once for each process."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get(_SERVER, "")
        self._known: dict[tuple[int, float], bool] = {}

    def __call__(self) -> Sequence[psutil.Process]:
        """The lab's own process, its children and what was detached from them."""
        own = psutil.Process()
        processes = {process.pid: process for process in (own, *own.children(recursive=True))}
        if self._address:
            # What a detached process starts inherits the environment, so children need no walk.
            processes |= {process.pid: process for process in self._detached(own, processes)}
        return list(processes.values())

    def _detached(
        self, own: psutil.Process, others: Mapping[int, psutil.Process]
    ) -> Sequence[psutil.Process]:
        former, self._known = self._known, {}
        detached = []
        for process in psutil.process_iter():
            if process.pid in others:
                continue
            try:
                key = process.pid, process.create_time()
                is_own = former.get(key)
                if is_own is None:
                    is_own = self._is_own(own, process)
            except psutil.Error:
                continue  # it ended, or is of another account
            self._known[key] = is_own
            if is_own:
                detached.append(process)
        return detached

    def _is_own(self, own: psutil.Process, process: psutil.Process) -> bool:
        if process.uids().real != own.uids().real:
            return False
        return bool(process.environ().get(_SERVER, "") == self._address)
