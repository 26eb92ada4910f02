"""Orrery from Python: what its panels, magics and command line do, as functions.

    import jupyter_orrery as orrery

    orrery.eda.profile(df).alerts
    orrery.snippets.list("parquet")

Every capability is a module of this package and is imported when it is first used. Its functions ask the Jupyter
server that started this process, else the newest running server of this person, and raise ``OrreryError``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_orrery import compute as compute
    from jupyter_orrery import data as data
    from jupyter_orrery import eda as eda
    from jupyter_orrery import errors as errors
    from jupyter_orrery import projects as projects
    from jupyter_orrery import snippets as snippets
    from jupyter_orrery.lab import OrreryError as OrreryError
    from jupyter_orrery.lab import connect as connect
    from jupyter_orrery.lab import servers as servers
    from jupyter_orrery.lab import status as status
    from jupyter_orrery.lab import use_server as use_server

_LAB = ("OrreryError", "connect", "servers", "status", "use_server")


def __getattr__(name: str) -> object:
    """A capability's module, or what ``lab`` has; imported now."""
    if name in _LAB:
        value: object = getattr(import_module(f"{__name__}.lab"), name)
        globals()[name] = value
        return value
    if name == "__version__":
        from importlib.metadata import version

        return version("jupyter-orrery")
    if name in _modules():
        return import_module(f"{__name__}.{name}")
    raise AttributeError(
        f"module {__name__!r} has no attribute {name!r}; it has: {', '.join(__dir__())}"
    )


def __dir__() -> list[str]:
    return sorted([*_modules(), *_LAB])


def _modules() -> set[str]:
    from pkgutil import iter_modules

    return {module.name for module in iter_modules(__path__)} - {"lab"}


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Make Orrery's magics known to a kernel: ``%load_ext jupyter_orrery``."""
    from orrery_kernels.magics import register

    register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take Orrery's magics away again."""
    from orrery_kernels.magics import unregister

    unregister(shell)
