"""Orrery in a kernel and in a terminal: magics, the command ``orrery``, and the client under both.

``%load_ext orrery_kernels`` is the only way in; nothing else is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Make Orrery's magics known to a kernel."""
    from orrery_kernels.magics import register

    register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take Orrery's magics away again."""
    from orrery_kernels.magics import unregister

    unregister(shell)
