"""Orrery in the person's own Jupyter server."""

import gc

from orrery_server.base.version import __version__

__all__ = ["__version__"]


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    # What is imported stays: a collection on the way would look through every object of the server, and free nothing.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        from orrery_server.app import OrreryApp
    finally:
        if was_enabled:
            gc.enable()
    return [{"module": "orrery_server", "app": OrreryApp}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "@orrery/labextension"}]
