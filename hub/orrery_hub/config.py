"""What makes a JupyterHub an Orrery hub: ``configure(c)``, the one call in ``jupyterhub_config.py``.

    from orrery_hub.config import configure

    configure(c)

Whatever stands after the call in that file wins over what it set.
"""

from __future__ import annotations

import sys
from typing import Any

from orrery_hub import scopes
from orrery_hub.ports import Ports
from orrery_hub.profiles import laptop
from orrery_hub.settings import Settings
from orrery_hub.standalone.process_tags import mark


def configure(c: Any, settings: Settings | None = None) -> Settings:
    """Give a hub Orrery's scopes, roles, service and the environment of its servers.

    The spawner and the authenticator come from ``settings.profile``. Calling it starts nothing.
    """
    settings = settings or Settings()
    port = Ports(settings.state).take("service", settings.service_port)
    c.JupyterHub.custom_scopes.update(scopes.custom_scopes())
    c.JupyterHub.load_roles.extend(_roles(settings))
    c.JupyterHub.services.append(_service(settings, port))
    c.Spawner.environment.update(_environment(settings, port))
    c.Spawner.server_token_scopes = server_token_scopes()
    if settings.profile == "laptop":
        laptop.configure(c, settings)
    return settings


def server_token_scopes() -> list[str]:
    """What the token of a person's own server asks for; JupyterHub grants the part that the person holds.

    Operating the platform is never in it: code in a notebook must not be able to.
    """
    custom = sorted(scopes.NAMES - {scopes.PLATFORM_ADMIN})
    return ["users:activity!user", "access:servers!server", scopes.ACCESS, *custom]


def _roles(settings: Settings) -> list[dict[str, Any]]:
    return [
        {
            "name": "user",
            "description": "What everyone who may log in may do",
            "scopes": ["self", scopes.ACCESS, *scopes.carried_by("user")],
        },
        {
            "name": scopes.ADMIN_ROLE,
            "description": "Operates Orrery",
            "users": list(settings.admins),
            "groups": [scopes.ADMIN_GROUP],
            "scopes": scopes.carried_by("admin"),
        },
        {
            "name": "orrery-service",
            "description": "What Orrery's own service may do",
            "services": [scopes.SERVICE],
            "scopes": list(scopes.SERVICE_SCOPES),
        },
    ]


def _service(settings: Settings, port: int) -> dict[str, Any]:
    return {
        "name": scopes.SERVICE,
        "url": f"http://{settings.host}:{port}",
        "command": [sys.executable, "-m", "orrery_hub.app"],
        "environment": settings.environment() | mark(settings.home, "service"),
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": [scopes.ACCESS, *sorted(scopes.NAMES)],
        "timeout": 60,
    }


def _environment(settings: Settings, port: int) -> dict[str, str]:
    told = {"ORRERY_HUB_URL": f"http://{settings.host}:{port}/services/{scopes.SERVICE}/api"}
    if settings.mlflow_tracking_uri:
        told["MLFLOW_TRACKING_URI"] = settings.mlflow_tracking_uri
    return told
