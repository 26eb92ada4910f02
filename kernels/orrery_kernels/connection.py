"""Where the Jupyter server of this process listens, from the connection file that the server leaves.

A connection file is believed only if it belongs to this person alone, and its address only if it is of this machine.
"""

from __future__ import annotations

import getpass
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from orrery_kernels.errors import ServerUnavailable, SeveralLabs, UsageError
from orrery_kernels.homes import lab_connections

ENV = "ORRERY_CONNECTION_FILE"
START_REMEDY = (
    "Start JupyterLab with Orrery: `jupyter lab`, or `orrery up` and open the lab in a browser."
    " Or run this in a terminal of the lab."
)

# A link is not followed, and a pipe in the place of the file does not make anybody wait.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the server listens, the token, and the folder that the lab shows; a printed connection shows no token."""

    url: str
    token: str = field(repr=False)
    pid: int = 0
    root: str = ""
    path: str = ""

    @property
    def user(self) -> str:
        """The hub's name of the person whose lab it is; empty for a server without a hub."""
        _, marker, rest = urlsplit(self.url).path.partition("/user/")
        return unquote(rest.partition("/")[0]) if marker else ""


def find_connection() -> Connection:
    """The server that started this process, else the newest running server of this person.

    On one machine a hub may run labs for several names as one system user. Of those, the lab of the name that the
    system user has is this person's, or the only name's.

    Raises:
        ServerUnavailable: there is none, or its connection file cannot be believed.
        SeveralLabs: there are labs of several names, and none is this person's.
    """
    path = os.environ.get(ENV)
    if path:
        return read_connection(Path(path))
    running = list_connections()
    names = {connection.user for connection in running if connection.user}
    own = _system_user()
    for connection in running:
        if not connection.user or connection.user == own or len(names) == 1:
            return connection
    if running:
        raise SeveralLabs(
            "Labs of several people run here, and none is yours by its name",
            reason=f"Running:\n  {_listed(running)}",
            remedy="Name one by its port or process id: orrery --server PORT ...",
        )
    raise ServerUnavailable("No Jupyter server with Orrery is running", remedy=START_REMEDY)


def list_connections() -> list[Connection]:
    """The running servers of this person whose connection files are safe, newest first; labs of `orrery up` too."""
    from jupyter_core.paths import jupyter_runtime_dir

    paths = {*Path(jupyter_runtime_dir()).glob("orrery-*.json"), *lab_connections()}
    connections = []
    for path in sorted(paths, key=_age):
        try:
            connection = read_connection(path)
        except ServerUnavailable:
            continue
        if _is_running(connection.pid):
            connections.append(connection)
    return connections


def use_server(server: str) -> Connection:
    """Talk to this server from now on, in this process and those that it starts.

    Args:
        server: a port, a process id, an address, or the path of a connection file.

    Raises:
        ServerUnavailable: the connection file cannot be believed.
        UsageError: no running server fits, or several do.
    """
    if server.endswith(".json"):
        connection = read_connection(Path(server).expanduser())
    else:
        connection = _select(server, list_connections())
    os.environ[ENV] = connection.path
    return connection


def _select(server: str, running: list[Connection]) -> Connection:
    matches = [
        connection
        for connection in running
        if server.rstrip("/") == connection.url.rstrip("/")
        or server in (str(connection.pid), str(urlsplit(connection.url).port))
    ]
    if len(matches) == 1:
        return matches[0]
    listed = _listed(running)
    raise UsageError(
        f"No running server is {server!r}" if not matches else f"Several servers are {server!r}",
        reason=f"Running:\n  {listed}" if listed else "No Jupyter server with Orrery is running.",
        remedy="Name one by its port, its process id or its address." if listed else START_REMEDY,
    )


def _listed(running: list[Connection]) -> str:
    return "\n  ".join(f"{connection.url}  process {connection.pid}" for connection in running)


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in some containers
        return ""


def read_connection(path: Path) -> Connection:
    """The connection in a file that belongs to this person alone.

    Raises:
        ServerUnavailable: the file is gone, open to others, or leads off this machine.
    """
    try:
        descriptor = os.open(path, _READ)
    except OSError as error:
        raise ServerUnavailable(
            "The Jupyter server that this belongs to cannot be found",
            reason=f"{path}: {error.strerror}.",
            remedy=START_REMEDY,
        ) from None
    try:
        _require_private(os.fstat(descriptor), path)
    except ServerUnavailable:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, encoding="utf-8") as file:
        try:
            content = json.loads(file.read(65_536))
            connection = Connection(
                str(content["url"]),
                str(content["token"]),
                int(content.get("pid", 0)),
                str(content.get("root", "")),
                str(path),
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise ServerUnavailable(
                "The connection file of the Jupyter server is damaged",
                reason=f"{path} does not hold an address and a token.",
                remedy="Restart the server.",
            ) from None
    require_loopback(connection.url)
    return connection


def require_loopback(url: str) -> SplitResult:
    """The parts of an address of this machine.

    Raises:
        ServerUnavailable: it leads elsewhere, or names no port.
    """
    try:
        parts = urlsplit(url)
        is_loopback = parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK
        has_port = parts.port is not None
    except ValueError:
        is_loopback = has_port = False
    if not is_loopback or not has_port or "@" in parts.netloc:
        raise ServerUnavailable(
            "The connection file names an address that is not of this machine",
            reason="Kernels and terminals talk to their own server only.",
            remedy="Restart the server.",
        )
    return parts


def _require_private(status: os.stat_result, path: Path) -> None:
    is_own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    is_open_to_others = os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077
    if not stat.S_ISREG(status.st_mode) or not is_own or is_open_to_others:
        raise ServerUnavailable(
            "The connection file of the Jupyter server is not safe to use",
            reason=f"{path} belongs to somebody else or others may read it.",
            remedy=f"Check it, then restart the server or run: chmod 600 {path}",
        )


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0


def _is_running(pid: int) -> bool:
    if os.name != "posix" or pid <= 0:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
