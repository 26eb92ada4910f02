"""The dataframes of this process: which there are, and one of them as an Arrow file for the server.

Called by the Profiles panel in a subshell of the kernel, beside the person's own cells. Nothing that the person has not
imported is imported to list them.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Any

from orrery_kernels.client import Client, connect
from orrery_kernels.errors import Misused, OrreryError

# Dialect, module and class of every kind of dataframe that is known.
KINDS = (
    ("pandas", "pandas", "DataFrame"),
    ("polars", "polars", "DataFrame"),
    ("polars", "polars", "LazyFrame"),
    ("pyarrow", "pyarrow", "Table"),
    ("duckdb", "duckdb", "DuckDBPyRelation"),
    ("spark", "pyspark.sql", "DataFrame"),
)
_HIDDEN = ("In", "Out")


def dialect_of(value: object) -> str | None:
    """What kind of dataframe a value is; None if it is none."""
    for dialect, module, name in KINDS:
        kind = getattr(sys.modules.get(module), name, None)
        if isinstance(kind, type) and isinstance(value, kind):
            return dialect
    return None


def namespace() -> dict[str, Any]:
    """The person's own variables: a kernel keeps them in ``__main__``."""
    return vars(sys.modules["__main__"])


def frames() -> str:
    """The dataframes as JSON, in the order in which they were made; their data are not touched."""
    found: list[dict[str, object]] = []
    for name, value in list(namespace().items()):
        if name.startswith("_") or name in _HIDDEN:
            continue
        dialect = dialect_of(value)
        if dialect is None:
            continue
        try:
            found.append({"name": name, "dialect": dialect, "stamp": id(value), **shape(value)})
        except Exception:  # noqa: BLE001 - a broken frame of the person's must not hide the others
            found.append(
                {"name": name, "dialect": dialect, "stamp": id(value), "columns": 0}
                | {"rows": None, "bytes": None}
            )
    return json.dumps(found)


def shape(value: Any) -> dict[str, int | None]:
    """Rows, columns and bytes; None where that would have to be computed."""
    dialect = dialect_of(value)
    rows: int | None = None
    size: int | None = None
    if dialect == "pandas":
        rows, columns = value.shape
        size = int(value.memory_usage(index=False, deep=False).sum())
    elif dialect == "pyarrow":
        rows, columns, size = value.num_rows, value.num_columns, value.nbytes
    elif dialect == "polars" and hasattr(value, "collect"):
        columns = len(value.collect_schema().names())
    elif dialect == "polars":
        (rows, columns), size = value.shape, int(value.estimated_size())
    else:
        columns = len(value.columns)
    return {"rows": rows, "columns": columns, "bytes": size}


def hand_over(name: str) -> str:
    """Write a dataframe where the server finds it; its id and rows as JSON.

    Raises:
        Misused: there is no such dataframe.
        OrreryError: it cannot be written, or the server takes it not.
    """
    value = namespace().get(name)
    if dialect_of(value) is None:
        raise Misused(f"There is no dataframe {name!r} in this kernel")
    return json.dumps(give(connect(), value, name))


def give(client: Client, value: Any, name: str) -> dict[str, Any]:
    """Hand a dataframe over to the server; its id as a source, and its rows."""
    from orrery_kernels.eda.writing import write

    known = shape(value)
    place = client.call(
        "POST",
        "eda/handovers",
        body={
            "name": name,
            "dialect": dialect_of(value),
            "rows": known["rows"] or 0,
            "bytes": known["bytes"] or 0,
        },
    )
    try:
        rows = write(value, place["path"])
    except BaseException:
        with suppress(OrreryError):
            client.call("DELETE", f"eda/handovers/{place['id']}")
        raise
    return {"id": place["id"], "rows": rows}
