"""``configure(c)``, the one call in ``jupyterhub_config.py`` that makes a JupyterHub an Orrery hub.

    from orrery_hub.config import configure

    configure(c)

What that file sets after the call overrides what the call set.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from traitlets.config import Config

from orrery_hub import scopes
from orrery_hub.authentication import config as authentication
from orrery_hub.ports import PortStore
from orrery_hub.profiles import PROFILES
from orrery_hub.settings import Settings
from orrery_hub.standalone.process_tags import environment_tag
from orrery_wire.json_types import JsonObject

_TEMPLATES = Path(__file__).parent / "templates" / "jupyterhub"


def configure(c: Config, settings: Settings | None = None) -> Settings:
    """Add Orrery's scopes, roles, service, pages and server environment to a hub's configuration.

    Spawner, authenticator and addresses come from the profile that ``settings.profile`` names. Starts nothing.
    """
    settings = settings or Settings.load()
    base_url = _base_url(c, settings)
    port = PortStore(settings.state).assign("service", settings.service_port)
    c.JupyterHub.custom_scopes.update(scopes.custom_scopes())
    c.JupyterHub.load_roles.extend(_roles(settings))
    c.JupyterHub.services.append(_service(settings, port, base_url))
    environment = _environment(settings, port, base_url)
    c.Spawner.environment.update(environment)
    c.Spawner.server_token_scopes = server_token_scopes()
    # The first folder that has a page wins; JupyterHub's own is in the list from the start.
    c.JupyterHub.template_paths.insert(0, str(_TEMPLATES))
    if settings.base_url and settings.profile != "laptop":  # which sets it with the address
        c.JupyterHub.base_url = settings.base_url
    if profile := PROFILES.get(settings.profile):
        profile.configure(c, settings)
        _servers(c, settings, environment["ORRERY_HUB_URL"])
    authentication.configure(c, settings)
    return settings


def _servers(c: Config, settings: Settings, url: str) -> None:
    """How many servers a person may have, and how our spawners reach the hub service before one starts."""
    if settings.named_servers:
        c.JupyterHub.allow_named_servers = True
        c.JupyterHub.named_server_limit_per_user = settings.named_servers
    settings.launcher_token()  # is there before the first server starts
    c.LeasedSpawner.launch_url = url
    c.LeasedSpawner.launch_token_file = str(settings.secrets / "launcher_token")
    c.LeasedSpawner.launch_seconds = settings.launch_seconds


def server_token_scopes() -> list[str]:
    """Scopes that the token of a user's server requests; JupyterHub grants those that the user holds.

    Of Orrery's they are those that the table gives to servers: code in a notebook can come to use them.
    """
    own = ["users:activity!user", "access:servers!server", scopes.ACCESS]
    return [*own, *scopes.carried_by_servers()]


def _roles(settings: Settings) -> list[JsonObject]:
    return [
        {
            "name": "user",
            "description": "What every user may do",
            "scopes": [
                "self",
                scopes.ACCESS,
                *scopes.OWN_SERVERS,
                *scopes.carried_by_everyone(),
            ],
        },
        {
            "name": scopes.ADMIN_ROLE,
            "description": "Operates Orrery",
            "users": list(settings.admins),
            "groups": [scopes.ADMIN_GROUP, *settings.administrator_groups()],
            "scopes": scopes.carried_by("admin"),
        },
        {
            "name": "orrery-service",
            "description": "What Orrery's own service may do",
            "services": [scopes.SERVICE],
            "scopes": list(scopes.SERVICE_SCOPES),
        },
    ]


def _service(settings: Settings, port: int, base_url: str) -> JsonObject:
    """The service as JupyterHub knows it; one that JupyterHub does not start has its token in a file."""
    service: JsonObject = {
        "name": scopes.SERVICE,
        "url": _service_url(settings, port),
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": list(scopes.LOGIN_SCOPES),
    }
    if settings.is_service_external:
        return service | {"api_token": settings.service_token()}
    environment = settings.environment() | {"ORRERY_BASE_URL": base_url}
    return service | {
        "command": [sys.executable, "-m", "orrery_hub.app"],
        "environment": environment | environment_tag(settings.home, "service"),
        "timeout": 60,
    }


def _service_url(settings: Settings, port: int) -> str:
    return settings.service_url.rstrip("/") or f"http://{settings.host}:{port}"


def _base_url(c: Config, settings: Settings) -> str:
    """The path below which the hub answers, as it is configured when ``configure`` is called."""
    hub = c.JupyterHub
    configured = hub.get("base_url") or urlsplit(str(hub.get("bind_url") or "")).path
    path = settings.base_url or str(configured or "/")
    return f"/{path.strip('/')}/" if path.strip("/") else "/"


def _environment(settings: Settings, port: int, base_url: str) -> dict[str, str]:
    service = f"{_service_url(settings, port)}{base_url}services/{scopes.SERVICE}/api"
    variables = {"ORRERY_HUB_URL": service}
    if settings.mlflow_tracking_uri:
        variables["MLFLOW_TRACKING_URI"] = settings.mlflow_tracking_uri
    return variables
