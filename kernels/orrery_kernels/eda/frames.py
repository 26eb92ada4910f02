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
from orrery_kernels.eda.kinds import dialect_of, shape, stamp
from orrery_kernels.errors import Misused, OrreryError

_HIDDEN = frozenset({"In", "Out"})


def namespace() -> dict[str, Any]:
    """The person's own variables: a kernel keeps them in ``__main__``."""
    return vars(sys.modules["__main__"])


def live(variables: dict[str, Any] | None = None) -> dict[str, Any]:
    """The dataframes by name, in the order in which they were made; one that has two names is there twice."""
    # A cell may make variables meanwhile: the copy is made in one step.
    known = (namespace() if variables is None else variables).copy()
    return {
        name: value
        for name, value in known.items()
        if not name.startswith("_") and name not in _HIDDEN and dialect_of(value) is not None
    }


def frames() -> str:
    """The dataframes as JSON, in the order in which they were made; their data are not touched."""
    return json.dumps([_told(name, value) for name, value in live().items()])


def _told(name: str, value: Any) -> dict[str, object]:
    try:
        known, mark = shape(value), stamp(value)
    except Exception:  # noqa: BLE001 - a broken frame of the person's must not hide the others
        known, mark = {"rows": None, "columns": None, "bytes": None}, f"{id(value):x}"
    return {
        "name": name,
        "dialect": dialect_of(value),
        **known,
        "columns": known["columns"] or 0,
        "stamp": mark,
    }


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


def give(
    client: Client, value: Any, name: str, written: Any = lambda rows, of: None
) -> dict[str, Any]:
    """Hand a dataframe over to the server; its id as a source, and its rows.

    Raises:
        Refused: the server takes it not.
        Unreadable: it cannot be written.
        Cancelled: somebody withdrew it at the server meanwhile.
    """
    from orrery_kernels.eda.writing import write

    known = shape(value)
    place = client.call(
        "POST",
        "eda/handovers",
        body={
            "name": name[:400],
            "dialect": dialect_of(value),
            "rows": known["rows"] or 0,
            "bytes": known["bytes"] or 0,
        },
    )
    try:
        rows = write(value, place["path"], written)
    except BaseException:
        with suppress(OrreryError):
            client.call("DELETE", f"eda/handovers/{place['id']}")
        raise
    return {"id": place["id"], "rows": rows}
