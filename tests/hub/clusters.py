"""A real PostgreSQL, from the system's own binaries, in a temporary directory and on a Unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import psycopg


class Cluster:
    """One PostgreSQL server; ``crash`` ends it as a power cut would."""

    def __init__(self) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        on_path = shutil.which("initdb")
        if not programs and not on_path:
            raise RuntimeError("these tests need PostgreSQL: apt-get install postgresql")
        self.programs = programs[-1].parent if programs else Path(str(on_path)).parent
        self.root = Path(tempfile.mkdtemp(prefix="orrery-pg-"))
        # PostgreSQL refuses to run as root.
        self.become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.become:
            owner = pwd.getpwnam("postgres")
            os.chown(self.root, owner.pw_uid, owner.pw_gid)
        # Its process may crash; the machine does not, so nothing has to reach the disk.
        self._run(
            *("initdb", "--no-sync", "-D", f"{self.root}/data"),
            *("-U", "orrery", "-A", "trust", "-E", "UTF8"),
        )
        self.start()

    def start(self) -> None:
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={self.root} -c max_connections=60"
            " -c fsync=off"
        )
        self._run(
            "pg_ctl",
            "-D",
            f"{self.root}/data",
            "-l",
            f"{self.root}/log",
            "-w",
            "-o",
            options,
            "start",
        )

    def crash(self) -> None:
        """Stop without a shutdown; the next start has to recover."""
        self._run("pg_ctl", "-D", f"{self.root}/data", "-m", "immediate", "-w", "stop")

    def close(self) -> None:
        self.crash()
        shutil.rmtree(self.root)

    def url(self) -> str:
        """The URL of a new, empty database."""
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(
            f"host={self.root} user=orrery dbname=postgres", autocommit=True
        ) as to:
            to.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return f"postgresql+psycopg://orrery@/{name}?host={self.root}"

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [*self.become, str(self.programs / program), *words],
            check=True,
            cwd=self.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            timeout=60,
        )
