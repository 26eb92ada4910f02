"""The processes of the product on one machine.

A new process is one more entry of ``TABLE``; starting, health, logs, ``status`` and ``down`` follow from it.
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


class ManagedProcess(BaseModel):
    """A process to keep running, and how to check its health."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    command: tuple[str, ...]
    port: int = 0
    health: tuple[str, ...] = Field(
        default=(), description="URLs that all answer 200 when it is healthy."
    )
    environment: dict[str, str] = {}
    children: tuple[str, ...] = Field(
        default=(), description="Tags of processes that must not outlive it."
    )
    start_timeout: float = Field(default=90, description="Seconds that a start may take.")
    stop_timeout: float = Field(default=15, description="Seconds that a stop may take.")


class Plan(BaseModel):
    """What a supervisor runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: str
    address: str
    processes: tuple[ManagedProcess, ...]


class Ports(BaseModel):
    """The ports of one start."""

    model_config = ConfigDict(frozen=True)

    public: int
    hub: int
    proxy_api: int
    service: int
    mlflow: int = 0


@dataclass(frozen=True)
class ProcessType:
    """How to create a process, the modules that it needs, and the memory that it takes."""

    title: str
    create: Callable[[Home, Ports], ManagedProcess]
    modules: tuple[str, ...]
    memory: str


def public_url(ports: Ports) -> str:
    """URL at which users open the product."""
    return f"http://127.0.0.1:{ports.public}"


def proxy_command() -> list[str]:
    """The command of configurable-http-proxy; empty if it is not installed.

    Searched in ``ORRERY_PROXY_COMMAND``, on the path, in ``ORRERY_HOME/proxy``, and next to the sources.
    """
    if command := os.environ.get("ORRERY_PROXY_COMMAND"):
        return command.split(",")
    if program := shutil.which("configurable-http-proxy"):
        return [program]
    sources = Path(__file__).resolve().parents[2]
    for folder in (Home.from_environment().root, sources):
        candidate = folder / "proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
        if candidate.exists():
            return [str(candidate)]
    return []


def _jupyterhub(home: Home, ports: Ports) -> ManagedProcess:
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
    return ManagedProcess(
        name="jupyterhub",
        title="JupyterHub, proxy and hub service",
        command=(sys.executable, "-m", "jupyterhub", "-f", str(home.hub_config)),
        port=ports.public,
        health=(
            f"{public_url(ports)}/hub/health",
            f"http://127.0.0.1:{ports.service}/services/orrery/api/health",
        ),
        environment=environment,
        # Labs outlive a crashed hub and are found again; its service would occupy the port of the next one.
        children=("service",),
        stop_timeout=25,
    )


def _mlflow(home: Home, ports: Ports) -> ManagedProcess:
    return ManagedProcess(
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
            # By default it starts ten processes for jobs, and sends telemetry.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
        },
        start_timeout=120,
    )


TABLE: dict[str, ProcessType] = {
    "jupyterhub": ProcessType(
        "JupyterHub, proxy and hub service",
        _jupyterhub,
        ("jupyterhub", "fastapi", "uvicorn"),
        "about 270 MB, and 130 MB for each lab",
    ),
    "mlflow": ProcessType("MLflow", _mlflow, ("mlflow",), "about 430 MB"),
}


def is_installed(name: str) -> bool:
    """Whether the packages of a process are installed; nothing is imported."""
    return all(find_spec(module) for module in TABLE[name].modules)


def create_plan(home: Home, ports: Ports, names: tuple[str, ...]) -> Plan:
    """The plan for the named processes, in the order of the table."""
    processes = tuple(entry.create(home, ports) for name, entry in TABLE.items() if name in names)
    return Plan(home=str(home.root), address=public_url(ports), processes=processes)
