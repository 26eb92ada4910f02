"""Checks of this machine, each with the command that fixes a problem."""

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
from orrery_hub.standalone.shell import typed

DISTRIBUTION = "jupyter-orrery"
PROXY = "configurable-http-proxy@^5.3"
_MIN_NODE = 20
_MIN_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Finding:
    """Result of one check; without a remedy there is no problem."""

    subject: str
    detail: str
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return not self.remedy


def run_checks(home: Home) -> list[Finding]:
    """Results of all checks, in the order in which to fix problems."""
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
        _processes(home),
        _port(home),
    ]


def startup_problems(home: Home) -> list[Finding]:
    """Problems that would make a start fail, by the checks that are quick enough for every start."""
    findings = (_node(), _proxy(home), _git(), _disk(home))
    return [finding for finding in findings if not finding.ok]


def _python() -> Finding:
    number = ".".join(str(part) for part in sys.version_info[:3])
    remedy = "" if sys.version_info >= (3, 11) else "apt-get install python3.11 python3.11-venv"
    return Finding("python", f"{number} in {sys.prefix}", remedy)


def _packages() -> Finding:
    """Whether the packages of the extras [hub] and [lab] are installed in a version that fits."""
    from packaging.requirements import Requirement

    try:
        requirements = [Requirement(text) for text in requires(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        return Finding("packages", "jupyter-orrery is not installed", "make build")
    problems = []
    for requirement in requirements:
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": e}) for e in ("", "hub", "lab")):
            continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            problems.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            problems.append(f"{requirement.name} {installed} is not {requirement.specifier}")
    if problems:
        return Finding("packages", "; ".join(problems), f"pip install '{DISTRIBUTION}[hub,lab]'")
    return Finding("packages", "all of [hub] and [lab]")


def _node() -> Finding:
    output = _output("node", "--version")
    remedy = "apt-get install nodejs npm   (Node.js 20 or newer)"
    if output is None:
        return Finding("node", "not found on the path", remedy)
    number = re.match(r"v(\d+)", output)
    if number is None or int(number[1]) < _MIN_NODE:
        return Finding("node", f"{output} is too old", remedy)
    return Finding("node", output)


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
    output = _output("git", "--version")
    return Finding("git", output or "not found", "" if output else "apt-get install git")


def _labextension() -> Finding:
    from jupyter_core.paths import jupyter_path

    folders = [Path(p) / "@orrery" / "labextension" for p in jupyter_path("labextensions")]
    for folder in folders:
        if (folder / "package.json").exists() and any((folder / "static").glob("remoteEntry.*.js")):
            return Finding("labextension", str(folder))
    return Finding("labextension", "the panels are not built or not installed", "make build")


def _serverextension() -> Finding:
    from jupyter_core.paths import jupyter_config_path

    for folder in jupyter_config_path():
        file = Path(folder) / "jupyter_server_config.d" / "orrery_server.json"
        if file.exists():
            return Finding("server part", str(file))
    remedy = "jupyter server extension enable --sys-prefix orrery_server"
    return Finding("server part", "orrery_server is not enabled", remedy)


def _disk(home: Home) -> Finding:
    folder = next(p for p in (home.root, *home.root.parents) if p.exists())
    if not os.access(folder, os.W_OK):
        return Finding("disk", f"{folder} cannot be written", f"chown -R $(id -un) {folder}")
    free_bytes = shutil.disk_usage(folder).free
    detail = f"{free_bytes / 1e9:.1f} GB free for {home.root}"
    remedy = "export ORRERY_HOME=/a/folder/on/another/disk" if free_bytes < _MIN_FREE_BYTES else ""
    return Finding("disk", detail, remedy)


def _permissions(home: Home) -> Finding:
    folders = [home.root, *(home.root / name for name in FOLDERS)]
    private = [*folders, *(home.secrets.glob("*") if home.secrets.is_dir() else ())]
    readable = [p for p in private if p.exists() and stat.S_IMODE(p.stat().st_mode) & 0o077]
    if readable:
        detail = f"{readable[0]} can be read by others"
        more = f", and {len(readable) - 1} more" if len(readable) > 1 else ""
        return Finding("permissions", detail + more, f"chmod -R go= {home.root}")
    return Finding("permissions", "the state is for its owner only")


def _processes(home: Home) -> Finding:
    from orrery_hub.standalone import process_tags, state

    if state.is_supervised(home):
        return Finding("processes", "a supervisor is running")
    orphans = process_tags.tagged_processes(home.root)
    if orphans:
        numbers = ", ".join(str(process.pid) for process in orphans)
        return Finding("processes", f"without a supervisor: {numbers}", typed("down"))
    if (home.run / "state.json").exists():
        return Finding("processes", "none, but the last run was not ended", typed("down"))
    return Finding("processes", "none")


def _port(home: Home) -> Finding:
    from orrery_hub.standalone import state
    from orrery_hub.standalone.launch import is_port_free

    if state.is_supervised(home) or is_port_free(8000):
        return Finding("port", "8000 is free or ours")
    return Finding("port", f"8000 is taken; `{typed('up')}` will take the next free one")


def _output(*command: str) -> str | None:
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        completed = subprocess.run(  # noqa: S603  # a fixed command
            [program, *command[1:]], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return completed.stdout.strip()
