"""Auto-EDA in a kernel and in a terminal.

    from orrery_kernels import eda

    profile = eda.profile(df, target="price")     # a dataframe, a path, lake://..., s3://...
    profile.alerts
    eda.compare(last_week, this_week)
    eda.check(df, profile.suite())

``frames`` lists and hands over dataframes, ``service`` is what can be done through the lab's server, ``worker`` the
same without a lab, ``views`` what a notebook shows, ``commands`` the command line.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orrery_kernels.eda.api import check, compare, profile
    from orrery_kernels.eda.views import Found

__all__ = ["Found", "check", "compare", "profile"]

_WHERE = {"Found": "views", "check": "api", "compare": "api", "profile": "api"}


def __getattr__(name: str) -> Any:
    """A part, when it is asked for: the command line's help imports this package, and needs none of them."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
