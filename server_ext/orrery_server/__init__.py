"""Orrery in the person's own Jupyter server."""

from orrery_server.base.version import __version__

__all__ = ["__version__"]


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    from orrery_server.app import OrreryApp

    return [{"module": "orrery_server", "app": OrreryApp}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "@orrery/labextension"}]
