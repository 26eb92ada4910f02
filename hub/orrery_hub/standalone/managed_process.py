"""The table of parts: what the product on one machine consists of.

A new part is one more entry of ``TABLE``; starting, health, logs, ``status`` and ``down`` follow from it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from orrery_hub.standalone.home import Home


class Part(BaseModel):
    """A process to keep running, and how to see that it is well."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    command: tuple[str, ...]
    port: int = 0
    health: tuple[str, ...] = Field(
        default=(), description="Addresses that all answer 200 when it is well."
    )
    environment: dict[str, str] = {}
    brood: tuple[str, ...] = Field(
        default=(), description="Marks of what must not outlive it, apart from its own."
    )
    patience: float = Field(default=90, description="Seconds that a start may take.")
    grace: float = Field(default=15, description="Seconds that a stop may take.")


class Plan(BaseModel):
    """What a supervisor is to run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: str
    address: str
    parts: tuple[Part, ...]


class Ports(BaseModel):
    """The ports of one start."""

    model_config = ConfigDict(frozen=True)

    public: int
    hub: int
    proxy_api: int
    service: int
    mlflow: int = 0


@dataclass(frozen=True)
class Entry:
    """A line of the table: how to make a part, what it needs installed, and what it costs."""

    title: str
    make: Callable[[Home, Ports], Part]
    modules: tuple[str, ...]
    memory: str


def address(ports: Ports) -> str:
    """Where people open the product."""
    return f"http://127.0.0.1:{ports.public}"


def proxy_command() -> list[str]:
    """How configurable-http-proxy is started; empty if it is not installed.

    It is looked for in ``ORRERY_PROXY_COMMAND``, on the path, in ``ORRERY_HOME/proxy``, and beside the sources.
    """
    if told := os.environ.get("ORRERY_PROXY_COMMAND"):
        return told.split(",")
    if found := shutil.which("configurable-http-proxy"):
        return [found]
    sources = Path(__file__).resolve().parents[2]
    for folder in (Home.of_environment().root, sources):
        candidate = folder / "proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
        if candidate.exists():
            return [str(candidate)]
    return []


def _jupyterhub(home: Home, ports: Ports) -> Part:
    environment = {
        "ORRERY_HOME": str(home.root),
        "ORRERY_PORT": str(ports.public),
        "ORRERY_HUB_PORT": str(ports.hub),
        "ORRERY_PROXY_API_PORT": str(ports.proxy_api),
        "ORRERY_SERVICE_PORT": str(ports.service),
        "ORRERY_PROXY_COMMAND": ",".join(proxy_command()),
    }
    if ports.mlflow:
        environment["ORRERY_MLFLOW_TRACKING_URI"] = f"http://127.0.0.1:{ports.mlflow}"
    return Part(
        name="jupyterhub",
        title="JupyterHub, proxy and hub service",
        command=(sys.executable, "-m", "jupyterhub", "-f", str(home.hub_config)),
        port=ports.public,
        health=(
            f"{address(ports)}/hub/health",
            f"http://127.0.0.1:{ports.service}/services/orrery/api/health",
        ),
        environment=environment,
        # Labs outlive a hub that crashed and are found again; its service would keep the port from the next one.
        brood=("service",),
        grace=25,
    )


def _mlflow(home: Home, ports: Ports) -> Part:
    return Part(
        name="mlflow",
        title="MLflow",
        command=(
            *(sys.executable, "-m", "mlflow", "server"),
            *("--host", "127.0.0.1", "--port", str(ports.mlflow), "--workers", "1"),
            *("--backend-store-uri", f"sqlite:///{home.mlflow / 'mlflow.sqlite'}"),
            *("--artifacts-destination", str(home.mlflow / "artifacts"), "--serve-artifacts"),
        ),
        port=ports.mlflow,
        health=(f"http://127.0.0.1:{ports.mlflow}/health",),
        environment={
            # Otherwise it starts ten processes for jobs that nobody runs, and calls home.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
        },
        patience=120,
    )


TABLE: dict[str, Entry] = {
    "jupyterhub": Entry(
        "JupyterHub, proxy and hub service",
        _jupyterhub,
        ("jupyterhub", "fastapi", "uvicorn"),
        "about 270 MB, and 130 MB for each lab",
    ),
    "mlflow": Entry("MLflow", _mlflow, ("mlflow",), "about 430 MB"),
}


def installed(name: str) -> bool:
    """Whether the packages of a part are there; nothing is imported."""
    return all(find_spec(module) for module in TABLE[name].modules)


def plan(home: Home, ports: Ports, names: tuple[str, ...]) -> Plan:
    """What to run: the named parts, in the order of the table."""
    parts = tuple(entry.make(home, ports) for name, entry in TABLE.items() if name in names)
    return Plan(home=str(home.root), address=address(ports), parts=parts)
