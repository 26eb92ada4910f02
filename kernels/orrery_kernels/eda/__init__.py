"""Auto-EDA in a kernel and in a terminal.

    from orrery_kernels import eda

    profile = eda.profile(df, target="price")     # a dataframe, a path, lake://..., s3://...
    profile.alerts
    profile.columns["price"].mean
    eda.compare(last_week, this_week)
    eda.check(df, profile.suite())
    eda.full(df).save("report.html")

``api`` has the functions: runs go through the lab's server (``service``) or, without one, through the engine's worker
client (``local``). ``frames`` lists and hands over dataframes, ``views`` is what a notebook shows, ``magic`` the line of
``%eda``, ``commands`` the command line.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orrery_kernels.eda.api import check, compare, full, profile
    from orrery_kernels.eda.views import ProfileResult

__all__ = ["ProfileResult", "check", "compare", "full", "profile"]


def __getattr__(name: str) -> object:
    """A public name, imported now: listing the commands of ``orrery`` passes here, too."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(
        import_module(f"{__name__}.{'views' if name == 'ProfileResult' else 'api'}"), name
    )


def __dir__() -> list[str]:
    return sorted(__all__)
