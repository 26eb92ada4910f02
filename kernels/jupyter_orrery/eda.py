"""Auto-EDA: profile a table, compare two, check the promises of one, and read it as a profile does.

A table is a dataframe (pandas, polars, pyarrow, DuckDB, Spark), a path, ``lake://PATH``, an address such as
``s3://BUCKET/PATH``, or a table of a database.
"""

from __future__ import annotations

from orrery_kernels.eda.api import check, compare, full, profile
from orrery_kernels.eda.reader import read

__all__ = ["check", "compare", "full", "profile", "read"]
