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

from orrery_kernels.eda.api import check, compare, profile
from orrery_kernels.eda.views import Found

__all__ = ["Found", "check", "compare", "profile"]
