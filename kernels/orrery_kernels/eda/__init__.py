"""Auto-EDA in a kernel and in a terminal.

    from orrery_kernels import eda

    profile = eda.profile(df, target="price")     # a dataframe, a path, lake://..., s3://...
    profile.alerts
    profile.columns["price"].mean
    eda.compare(last_week, this_week)
    eda.check(df, profile.suite())
    eda.full(df).save("report.html")

``api`` is what can be done: through the lab's server (``service``) or, without one, in a ``worker`` of this process.
``frames`` lists and hands over dataframes, ``views`` is what a notebook shows, ``lines`` the magic, ``commands`` the
command line.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orrery_kernels.eda.api import check, compare, full, profile
    from orrery_kernels.eda.views import Found

__all__ = ["Found", "check", "compare", "full", "profile"]


def __getattr__(name: str) -> Any:
    """What is used is imported then: listing the commands of ``orrery`` passes here, too."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{'views' if name == 'Found' else 'api'}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
