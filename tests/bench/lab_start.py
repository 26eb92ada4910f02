"""B1: what Orrery adds to the start of a lab: the server's part, and the browser's part in a real Chromium."""

from __future__ import annotations

import gzip
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Browser

from tests.bench.method import Goal, Result, Sample, alternate, finish, median
from tests.chromium import chromium

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "server_ext" / "orrery_server" / "labextension"
WITH, WITHOUT = "with Orrery", "JupyterLab alone (peer)"
SETTLED_SECONDS = 2.0
# The page looks itself, in every frame: Playwright looks again after as much as half a second.
WATCH = """
const look = () =>
  document.querySelector('.jp-Launcher-body, .orrery-home')
    ? (window.launcherShown = performance.now())
    : requestAnimationFrame(look);
requestAnimationFrame(look);
"""


@dataclass
class Place:
    """Where labs of one side run: homes of their own, and the extensions that the browser gets."""

    root: Path
    orrery: bool
    token: str = field(default_factory=lambda: secrets.token_hex(16))

    def prepare(self) -> Place:
        for name in ("work", "config", "data", "runtime", "extensions"):
            (self.root / name).mkdir(parents=True)
        # Everything that is installed, and Orrery's own only on the one side.
        for base in {Path(sys.prefix) / "share" / "jupyter" / "labextensions"}:
            for found in base.iterdir() if base.is_dir() else ():
                if found.name != "@orrery":
                    (self.root / "extensions" / found.name).symlink_to(found)
        if self.orrery:
            scope = self.root / "extensions" / "@orrery"
            scope.mkdir()
            (scope / "labextension").symlink_to(BUILT)
        return self

    def start(self) -> tuple[subprocess.Popen[bytes], str]:
        """A server that may not answer yet, and its address."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        # What is installed is compiled once; a machine that never keeps that would charge it to Orrery's files only.
        foreign = ("ORRERY_", "JUPYTER", "PYTHONDONTWRITEBYTECODE")
        plain = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"),
                *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
                f"--ServerApp.root_dir={self.root / 'work'}",
                f"--ServerApp.jpserver_extensions=orrery_server={self.orrery}",
                f"--LabApp.labextensions_path={self.root / 'extensions'}",
                *("--LabApp.news_url=", "--ServerApp.log_level=WARN"),
                *(["--allow-root"] if os.geteuid() == 0 else []),
            ],
            env=plain
            | {
                "HOME": str(self.root),
                "JUPYTER_CONFIG_DIR": str(self.root / "config"),
                "JUPYTER_DATA_DIR": str(self.root / "data"),
                "JUPYTER_RUNTIME_DIR": str(self.root / "runtime"),
                "JUPYTER_TOKEN": self.token,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return process, f"http://127.0.0.1:{port}/"

    def wait(self, address: str) -> None:
        """Until it answers."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                answer = httpx.get(
                    f"{address}api/status",
                    headers={"authorization": f"token {self.token}"},
                    trust_env=False,
                )
                if answer.status_code == 200:
                    return
            time.sleep(0.02)
        raise RuntimeError("the lab did not come up")


def server_start(place: Place) -> Sample:
    """From the start of the process to the first answer."""
    begun = time.perf_counter()
    process, address = place.start()
    try:
        place.wait(address)
        took = (time.perf_counter() - begun) * 1000
        time.sleep(0.5)  # what is done once the server listens counts too
        seen = psutil.Process(process.pid)
        spent = seen.cpu_times()
        memory = seen.memory_full_info()
        return {"ms": took, "cpu_s": spent.user + spent.system, "rss_mb": memory.uss / 2**20}
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def serving(place: Place) -> Iterator[str]:
    """A server for many visits."""
    process, address = place.start()
    try:
        place.wait(address)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def visit(browser: Browser, place: Place, address: str) -> Sample:
    """A cold browser profile from the address to the launcher."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    try:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.add_init_script(WATCH)
        page.goto(f"{address}lab?reset&token={place.token}", wait_until="commit")
        page.wait_for_function("window.launcherShown", timeout=60_000)
        took = float(page.evaluate("window.launcherShown"))
        page.wait_for_timeout(SETTLED_SECONDS * 1000)
        ours = [url for url in asked if "/@orrery/" in url or "/orrery/" in url]
        return {"ms": took, "requests": len(asked), "gzip_kb": _packed(ours)}
    finally:
        context.close()


def _packed(urls: list[str]) -> float:
    """Kilobytes of Orrery's own files among them, packed as a proxy would."""
    total = 0
    for url in urls:
        _, _, tail = url.partition("/@orrery/labextension/")
        file = BUILT / tail.partition("?")[0]
        if tail and file.is_file():
            total += len(gzip.compress(file.read_bytes(), 6))
    return total / 1024


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        ours = Place(Path(scratch) / "with", orrery=True).prepare()
        peer = Place(Path(scratch) / "without", orrery=False).prepare()
        server = alternate({WITH: lambda: server_start(ours), WITHOUT: lambda: server_start(peer)})
        with (
            serving(ours) as at_ours,
            serving(peer) as at_peer,
            chromium() as browser,
        ):
            page = alternate(
                {
                    WITH: lambda: visit(browser, ours, at_ours),
                    WITHOUT: lambda: visit(browser, peer, at_peer),
                }
            )
    series = {f"server, {name}": found for name, found in server.items()}
    series |= {f"browser, {name}": found for name, found in page.items()}
    whole = sum(
        len(gzip.compress(file.read_bytes(), 6)) for file in (BUILT / "static").glob("*.js")
    )
    return finish(
        Result(
            "lab_start",
            "B1 The start of a lab",
            "A server of its own for each server sample, from the start of the process to the first answer; memory is"
            " what only that process has (USS). A new browser profile for each browser sample, from the address to the"
            f" frame that has the launcher; requests are counted until {SETTLED_SECONDS:g} s later.",
            series,
            _goals(series),
            [f"All of Orrery's JavaScript together, loaded or not, is {whole / 1024:.0f} KB gzip."],
        ),
        force=force,
        load=load,
    )


def _goals(series: dict[str, list[dict[str, float]]]) -> list[Goal]:
    def more(part: str, key: str) -> float:
        with_it = median(series[f"{part}, {WITH}"], key)
        return with_it - median(series[f"{part}, {WITHOUT}"], key)

    eager = median(series[f"browser, {WITH}"], "gzip_kb")
    return [
        Goal("more time to the launcher, median", more("browser", "ms"), 150, "ms"),
        Goal("more requests before a panel is opened", more("browser", "requests"), 10, "requests"),
        Goal("Orrery's files before a panel is opened", eager, 120, "KB gzip"),
        Goal("more CPU of the server, median", more("server", "cpu_s"), 0.3, "s"),
        Goal("more memory of the server, median", more("server", "rss_mb"), 20, "MB"),
    ]
