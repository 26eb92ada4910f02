"""What is missing or wrong on this machine, and the command that mends it."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from orrery_hub.standalone.home import FOLDERS, Home

DISTRIBUTION = "jupyter-orrery"
PROXY = "configurable-http-proxy@^5.3"
_NODE = 20
_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    detail: str
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.remedy


def examine(home: Home) -> list[Finding]:
    """Everything that the product needs, in the order in which to mend it."""
    return [
        _python(),
        _packages(),
        _node(),
        _proxy(home),
        _git(),
        _labextension(),
        _serverextension(),
        _disk(home),
        _permissions(home),
        _stale(home),
        _port(home),
    ]


def urgent(home: Home) -> list[Finding]:
    """What would make a start fail; quick enough to be looked at before each."""
    return [one for one in (_node(), _proxy(home), _git(), _disk(home)) if not one.ok]


def _python() -> Finding:
    here = ".".join(str(part) for part in sys.version_info[:3])
    remedy = "" if sys.version_info >= (3, 11) else "apt-get install python3.11 python3.11-venv"
    return Finding("python", f"{here} in {sys.prefix}", remedy)


def _packages() -> Finding:
    """Whether what the extras [hub] and [lab] name is there, in a version that is new enough."""
    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(text) for text in requires(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        return Finding("packages", "jupyter-orrery is not installed", "make build")
    wrong = []
    for one in wanted:
        if one.marker and not any(one.marker.evaluate({"extra": e}) for e in ("", "hub", "lab")):
            continue
        try:
            found = version(one.name)
        except PackageNotFoundError:
            wrong.append(f"{one.name} is missing")
            continue
        if not one.specifier.contains(found, prereleases=True):
            wrong.append(f"{one.name} {found} is not {one.specifier}")
    if wrong:
        return Finding("packages", "; ".join(wrong), f"pip install '{DISTRIBUTION}[hub,lab]'")
    return Finding("packages", "all of [hub] and [lab]")


def _node() -> Finding:
    said = _asked("node", "--version")
    remedy = "apt-get install nodejs npm   (Node.js 20 or newer)"
    if said is None:
        return Finding("node", "not found on the path", remedy)
    number = re.match(r"v(\d+)", said)
    if number is None or int(number[1]) < _NODE:
        return Finding("node", f"{said} is too old", remedy)
    return Finding("node", said)


def _proxy(home: Home) -> Finding:
    from orrery_hub.standalone.managed_process import proxy_command

    command = proxy_command()
    remedy = f"npm install --prefix {home.root / 'proxy'} '{PROXY}'"
    if not command:
        return Finding("proxy", "configurable-http-proxy is not installed", remedy)
    if shutil.which(command[0]) is None:
        return Finding("proxy", f"{command[0]} cannot be run", remedy)
    return Finding("proxy", " ".join(command))


def _git() -> Finding:
    said = _asked("git", "--version")
    return Finding("git", said) if said else Finding("git", "not found", "apt-get install git")


def _labextension() -> Finding:
    from jupyter_core.paths import jupyter_path

    places = [Path(p) / "@orrery" / "labextension" for p in jupyter_path("labextensions")]
    for place in places:
        if (place / "package.json").exists() and any((place / "static").glob("remoteEntry.*.js")):
            return Finding("labextension", str(place))
    return Finding("labextension", "the panels are not built or not installed", "make build")


def _serverextension() -> Finding:
    from jupyter_core.paths import jupyter_config_path

    for place in jupyter_config_path():
        file = Path(place) / "jupyter_server_config.d" / "orrery_server.json"
        if file.exists():
            return Finding("server part", str(file))
    remedy = "jupyter server extension enable --sys-prefix orrery_server"
    return Finding("server part", "orrery_server is not enabled", remedy)


def _disk(home: Home) -> Finding:
    place = next(p for p in (home.root, *home.root.parents) if p.exists())
    if not os.access(place, os.W_OK):
        return Finding("disk", f"{place} cannot be written", f"chown -R $(id -un) {place}")
    room = shutil.disk_usage(place).free
    told = f"{room / 1e9:.1f} GB free for {home.root}"
    remedy = "export ORRERY_HOME=/a/folder/on/another/disk" if room < _FREE_BYTES else ""
    return Finding("disk", told, remedy)


def _permissions(home: Home) -> Finding:
    folders = [home.root, *(home.root / name for name in FOLDERS)]
    private = [*folders, *(home.secrets.glob("*") if home.secrets.is_dir() else ())]
    open_ones = [p for p in private if p.exists() and stat.S_IMODE(p.stat().st_mode) & 0o077]
    if open_ones:
        told = f"{open_ones[0]} can be read by others"
        more = f", and {len(open_ones) - 1} more" if len(open_ones) > 1 else ""
        return Finding("permissions", told + more, f"chmod -R go= {home.root}")
    return Finding("permissions", "the state is for its owner only")


def _stale(home: Home) -> Finding:
    from orrery_hub.standalone import process_tags, state

    if state.supervised(home):
        return Finding("processes", "a supervisor is at work")
    left = process_tags.marked(home.root)
    if left:
        numbers = ", ".join(str(process.pid) for process in left)
        return Finding("processes", f"without a supervisor: {numbers}", "orrery down")
    if (home.run / "state.json").exists():
        return Finding("processes", "none, but the last run was not ended", "orrery down")
    return Finding("processes", "none")


def _port(home: Home) -> Finding:
    from orrery_hub.standalone import state
    from orrery_hub.standalone.launch import available

    if state.supervised(home) or available(8000):
        return Finding("port", "8000 is free or ours")
    return Finding("port", "8000 is taken; `orrery up` will take the next free one")


def _asked(*command: str) -> str | None:
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603  # a fixed command
            [program, *command[1:]], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
