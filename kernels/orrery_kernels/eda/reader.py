"""Data as a profile sees them, in a variable of the kernel."""

from __future__ import annotations

import os
import warnings
from typing import Any, Unpack

from orrery_kernels.eda.reading import ReadingArguments, with_reading
from orrery_kernels.eda.sources import source_of
from orrery_kernels.errors import UsageError

_DIALECTS = ("pandas", "polars", "pyarrow", "duckdb")


def read(
    data: str | os.PathLike[str], *, dialect: str = "pandas", **reading: Unpack[ReadingArguments]
) -> Any:
    """A file, a folder or an object store as a dataframe: the rows, columns and types that a profile says.

    Args:
        data: a path or an address, as ``orrery eda`` takes it.
        dialect: ``pandas``, ``polars``, ``pyarrow`` or ``duckdb``.
        reading: how text or a sheet is read; see ``ReadingArguments``. What is not given is found out, and told in a
            warning where it could be otherwise.

    Raises:
        OrreryError: it cannot be read, or not as a whole.
    """
    if dialect not in _DIALECTS:
        raise UsageError(
            f"There is no dataframe of {dialect!r}", remedy=f"There are: {', '.join(_DIALECTS)}."
        )
    source = with_reading(source_of(os.fspath(data)), reading)
    if source["kind"] not in ("file", "url"):
        raise UsageError(
            f"A {source['kind']} is not read so", remedy="Name a file, a folder or an object store."
        )
    from orrery_engine.client.process import require_packages

    require_packages()
    from orrery_engine.read_table import read_table
    from orrery_engine.schemas import SourceIn

    table, notes = read_table(SourceIn.model_validate(source))
    for note in notes:
        warnings.warn(note, stacklevel=2)
    return _converted(table, dialect)


def _converted(table: Any, dialect: str) -> Any:
    if dialect == "pyarrow":
        return table
    if dialect == "polars":
        import polars

        return polars.from_arrow(table)
    if dialect == "duckdb":
        import duckdb

        return duckdb.from_arrow(table)
    return table.to_pandas(types_mapper=_nullable(table))


def _nullable(table: Any) -> Any:
    """Whole numbers and truths stay what they are beside missing values."""
    import pandas
    import pyarrow

    if not any(column.null_count for column in table.columns):
        return None
    types = {
        pyarrow.int64(): pandas.Int64Dtype(),
        pyarrow.uint64(): pandas.UInt64Dtype(),
        pyarrow.bool_(): pandas.BooleanDtype(),
    }
    return types.get
