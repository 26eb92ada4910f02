"""The steps behind ``make``: each is done when its inputs changed, says its seconds, and says what to do when it fails.

Needs nothing but Python 3.11 and its standard library. ``python3 tools/steps.py install`` does the steps of that target.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
BIN = VENV / "bin"
BUILT = ROOT / "server_ext" / "orrery_server" / "labextension"
ADMIN = ROOT / "hub" / "orrery_hub" / "admin" / "static"
SHOWN = VENV / "share" / "jupyter" / "labextensions" / "@orrery" / "labextension"
WORDS_OF_FAILURE = 40  # lines of a failed step that are shown

Command = tuple[str | Path, ...]


class StepError(Exception):
    """A step did not succeed; the text says what to do."""


@dataclass(frozen=True)
class Step:
    """Something to do once for each state of its inputs."""

    name: str
    title: str
    run: Callable[[Step], None]
    remedy: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[Path, ...] = ()
    after: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def stamp(self) -> Path:
        """The file that remembers for which inputs it was done."""
        return CACHE / "steps" / self.name

    @property
    def log(self) -> Path:
        """What its commands said."""
        return CACHE / "logs" / f"{self.name}.log"

    def call(self, *command: str | Path, cwd: Path = ROOT) -> None:
        """Run a command; what it says goes to the log, and to the screen if it fails."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        environment["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        environment |= self.environment
        words = [str(word) for word in command]
        with self.log.open("ab") as log:
            log.write(f"$ {' '.join(words)}\n".encode())
            log.flush()
            try:
                done = subprocess.run(  # noqa: S603  # our own table of commands
                    words,
                    cwd=cwd,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
            except FileNotFoundError:
                raise StepError(f"{words[0]} was not found.") from None
        if done.returncode:
            tail = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            print(*(f"    {line}" for line in tail[-WORDS_OF_FAILURE:]), sep="\n")
            raise StepError(f"`{' '.join(words)}` ended with code {done.returncode}.")


def key(step: Step) -> str:
    """A digest of everything that the result of a step depends on."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT} {step.environment}".encode())
    for name in step.after:
        digest.update(key(STEPS[name]).encode())
    for file in sorted(_files(step.inputs)):
        digest.update(f"\0{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def do(name: str, done: set[str] | None = None) -> None:
    """Do a step and what it comes after, as far as it is needed."""
    done = set() if done is None else done
    if name in done:
        return
    done.add(name)
    step = STEPS[name]
    for earlier in step.after:
        do(earlier, done)
    digest = key(step)
    there = all(output.exists() for output in step.outputs)
    if there and step.stamp.exists() and step.stamp.read_text(encoding="ascii") == digest:
        return
    print(f"==> {step.title} ...", flush=True)
    began = time.monotonic()
    step.log.unlink(missing_ok=True)
    step.stamp.unlink(missing_ok=True)
    try:
        step.run(step)
    except StepError as problem:
        raise StepError(
            f"{step.title}: {problem}\nWhat to do: {step.remedy}\nThe whole log: {step.log}"
        ) from None
    # The key is taken again: a step may write what it also reads.
    step.stamp.parent.mkdir(parents=True, exist_ok=True)
    step.stamp.write_text(key(step), encoding="ascii")
    print(f"    {step.title}: {time.monotonic() - began:.1f} s", flush=True)


def _files(patterns: Iterable[str]) -> set[Path]:
    files: set[Path] = set()
    for pattern in patterns:
        for path in ROOT.glob(pattern):
            if path.is_file() and "__pycache__" not in path.parts:
                files.add(path)
    return files


def _venv(step: Step) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  # this file is what an older one is told by
        raise StepError(f"This is Python {sys.version.split()[0]}; 3.11 or newer is needed.")
    if not (BIN / "python").exists():
        step.call(sys.executable, "-m", "venv", VENV)
    step.call(BIN / "python", "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r", "requirements/uv.lock")  # fmt: skip


def _packages(step: Step) -> None:
    step.call(BIN / "uv", "pip", "sync", "--python", BIN / "python", "--require-hashes", "requirements/all.lock")  # fmt: skip


def _node(step: Step) -> None:
    node = shutil.which("node")
    if node is None:
        raise StepError("Node.js was not found.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    if int(version.lstrip("v").partition(".")[0]) < 20:
        raise StepError(f"Node.js {version.strip()} is too old; 20 or newer is needed.")
    step.call(BIN / "jlpm", "install", "--immutable", cwd=ROOT / "labextension")


def _proxy(step: Step) -> None:
    step.call("npm", "ci", "--no-audit", "--no-fund", cwd=ROOT / "hub" / "proxy")


def _oidc(step: Step) -> None:
    step.call("npm", "ci", "--no-audit", "--no-fund", cwd=ROOT / "tests" / "oidc")


def _labextension(step: Step) -> None:
    step.call(BIN / "jlpm", "build", cwd=ROOT / "labextension")


def _project(step: Step) -> None:
    step.call(BIN / "uv", "pip", "install", "--python", BIN / "python", "--no-deps", "--no-build-isolation", "--reinstall-package", "jupyter-orrery", "-e", ".")  # fmt: skip


def _shown(step: Step) -> None:
    """Put the build where the lab looks: an editable install only copies what there was then."""
    if SHOWN.is_symlink():
        SHOWN.unlink()
    shutil.rmtree(SHOWN, ignore_errors=True)
    shutil.copytree(BUILT, SHOWN)
    shutil.copy2(ROOT / "labextension" / "install.json", SHOWN)


def _system(step: Step) -> None:
    missing = [package for package, there in DEBIAN.items() if not there()]
    if not missing:
        return
    command = f"apt-get install --yes --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise StepError(f"The tests need {', '.join(missing)}. Install with: sudo {command}")
    step.call("apt-get", "update")
    step.call(*command.split())


DEBIAN: dict[str, Callable[[], bool]] = {
    "chromium-headless-shell": lambda: any(
        map(shutil.which, ("chromium-headless-shell", "chromium"))
    ),
    "git": lambda: shutil.which("git") is not None,
    # Its programs for administrators are not on every account's path.
    "mariadb-server": lambda: Path("/usr/sbin/mariadbd").exists(),
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
}
_SOURCES = tuple(
    f"labextension/{part}"
    for part in (
        "src/**/*",
        "admin/**/*",
        "scripts/admin.mjs",
        "style/**/*",
        "schema/**/*",
        "*.json",
    )
)
_SHARED = (
    "pyproject.toml",
    "README.md",
    "server_ext/jupyter-config/**/*",
    "kernels/kernelspecs/**/*",
)
_NETWORK = (
    "See the log. If a download failed, check the network and the proxy settings, and run it again."
)

STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "venv",
            "Virtual environment",
            _venv,
            "On Debian: apt-get install python3.11 python3.11-venv; then `make up PYTHON=python3.11`.",
            inputs=("requirements/uv.lock",),
            outputs=(BIN / "python", BIN / "uv"),
        ),
        Step(
            "packages",
            "Python packages",
            _packages,
            _NETWORK,
            inputs=("requirements/all.lock",),
            outputs=(BIN / "jupyterhub", BIN / "jlpm"),
            after=("venv",),
        ),
        Step(
            "node",
            "Node packages",
            _node,
            "On Debian: apt-get install nodejs npm (20 or newer). If the lock file is refused: git checkout labextension/yarn.lock",
            inputs=(
                "labextension/package.json",
                "labextension/yarn.lock",
                "labextension/.yarnrc.yml",
            ),
            outputs=(ROOT / "labextension" / "node_modules" / ".yarn-state.yml",),
            after=("packages",),
        ),
        Step(
            "proxy",
            "Proxy",
            _proxy,
            "On Debian: apt-get install nodejs npm. " + _NETWORK,
            inputs=("hub/proxy/package.json", "hub/proxy/package-lock.json"),
            outputs=(ROOT / "hub/proxy/node_modules/.bin/configurable-http-proxy",),
        ),
        Step(
            "oidc",
            "Log-in provider of the tests",
            _oidc,
            "On Debian: apt-get install nodejs npm. " + _NETWORK,
            inputs=("tests/oidc/package.json", "tests/oidc/package-lock.json"),
            outputs=(ROOT / "tests/oidc/node_modules/oidc-provider",),
        ),
        Step(
            "labextension",
            "Extension for the browser",
            _labextension,
            "Mend what the compiler names in labextension, and run `make build` again.",
            inputs=_SOURCES,
            outputs=(BUILT / "package.json", BUILT / "static", ADMIN / "manifest.json"),
            after=("node",),
        ),
        Step(
            "project",
            "Orrery itself",
            _project,
            "See the log; `make clean` and `make up` begin anew.",
            inputs=_SHARED,
            outputs=(BIN / "orrery",),
            after=("packages",),
            environment={"HATCH_JUPYTER_BUILDER_SKIP_NPM": "true"},
        ),
        Step(
            "shown",
            "Extension into the lab",
            _shown,
            "Remove .venv and run `make up` again.",
            outputs=(SHOWN / "package.json", SHOWN / "install.json"),
            after=("labextension", "project"),
        ),
        Step(
            "system",
            "System packages for the tests",
            _system,
            "Install them with the command above.",
            inputs=("tools/steps.py",),
        ),
    )
}
TARGETS = {"install": ("proxy", "shown"), "system": ("system", "oidc")}


def main(targets: list[str]) -> int:
    """Do the steps of the targets; 1 if one failed."""
    began = time.monotonic()
    done: set[str] = set()
    try:
        for target in targets:
            for name in TARGETS.get(target, (target,)):
                do(name, done)
    except StepError as problem:
        print(f"\nFAILED  {problem}", file=sys.stderr)
        return 1
    took = time.monotonic() - began
    print(f"Ready: {', '.join(targets)} ({took:.1f} s)", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
