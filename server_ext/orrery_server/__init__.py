"""Orrery in the person's own Jupyter server."""

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    from orrery_server.app import OrreryApp

    return [{"module": "orrery_server", "app": OrreryApp}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "@orrery/labextension"}]
