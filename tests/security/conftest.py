"""The running parts that are attacked: a lab without a hub, and a hub with its service."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests.hub.hubs import Hub
from tests.security.hubs import application
from tests.security.labs import TRACKING_PASSWORD, Lab
from tests.security.routes import Route, of_hub

PUBLISHER = "root"

# Stands for the token that a hub hands to a server.
HUB_CANARY = "canary-of-the-hubs-token-51c2"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab of one person."""
    tracking = f"http://me:{TRACKING_PASSWORD}@tracking.invalid:5000"
    one = Lab(
        tmp_path_factory.mktemp("lab"),
        token=secrets.token_hex(16),
        MLFLOW_TRACKING_URI=tracking,
        JUPYTERHUB_API_TOKEN=HUB_CANARY,
        JPY_API_TOKEN=HUB_CANARY,
    )
    try:
        yield one.start()
    finally:
        one.stop()


@pytest.fixture(scope="session")
def second_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab of somebody else on the same machine."""
    one = Lab(tmp_path_factory.mktemp("second"), token=secrets.token_hex(16))
    try:
        yield one.start()
    finally:
        one.stop()


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A JupyterHub with the hub service, at debug level; what it knows of tokens lasts one second."""
    one = Hub(tmp_path_factory.mktemp("hub") / "home", token_cache_seconds=1, log_level="debug")
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture(scope="session")
def hub_routes(tmp_path_factory: pytest.TempPathFactory) -> list[Route]:
    """Every route of the hub service, from its application."""
    return of_hub(application(tmp_path_factory.mktemp("application")))


@pytest.fixture
def lab_routes(lab: Lab) -> list[Route]:
    """Every route of Orrery in the lab, from its router."""
    return lab.routes
