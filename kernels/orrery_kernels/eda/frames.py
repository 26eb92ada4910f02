"""The dataframes of this process: which there are, and one of them as an Arrow file for the server.

Called by the Profiles panel in a subshell of the kernel, beside the person's own cells. Nothing that the person has not
imported is imported to list them.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from orrery_kernels.client import Client, connect
from orrery_kernels.eda.dataframes import dialect_of, not_a_dataframe, shape, stamp
from orrery_kernels.errors import UsageError
from orrery_wire.errors import Cancelled, OrreryError
from orrery_wire.types.eda import EdaCalls

if TYPE_CHECKING:
    from orrery_kernels.eda.arrow_writer import OnWritten

_HIDDEN = frozenset({"In", "Out"})


def namespace() -> dict[str, object]:
    """The person's own variables: a kernel keeps them in ``__main__``."""
    return vars(sys.modules["__main__"])


def live(variables: dict[str, object] | None = None) -> dict[str, object]:
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
    return json.dumps([_describe(name, value) for name, value in live().items()])


def _describe(name: str, value: object) -> dict[str, object]:
    known = shape(value)
    return {
        "name": name,
        "dialect": dialect_of(value),
        **known,
        "columns": known["columns"] or 0,
        "stamp": stamp(value),
    }


def hand_over(name: str) -> str:
    """Write a dataframe where the server finds it; its id and rows as JSON.

    Raises:
        UsageError: there is no such dataframe.
        OrreryError: it cannot be written, or the server takes it not.
    """
    value = namespace().get(name)
    if dialect_of(value) is None:
        raise UsageError(f"There is no dataframe {name!r} in this kernel")
    return json.dumps(hand_over_frame(connect(), value, name))


def leaving() -> str:
    """The dataframes that are being handed over now, as JSON: name, id, and how many rows of how many are written."""
    fields = ("name", "id", "rows", "of")
    return json.dumps([{f: getattr(h, f) for f in fields} for h in list(_UNDER_WAY)])


def stop(name: str) -> str:
    """Stop handing a dataframe over, from any other thread of this process; how many were stopped, as JSON."""
    named = [handover for handover in list(_UNDER_WAY) if handover.name == name]
    for handover in named:
        handover.stopped = True
    return json.dumps(len(named))


@dataclass(eq=False)
class _Handover:
    """A dataframe that is being handed over."""

    name: str
    id: str
    on_written: OnWritten
    rows: int = 0
    of: int | None = None
    stopped: bool = False

    def advance(self, rows: int, of: int | None) -> None:
        """Note how far it is; the end, if somebody asked for that."""
        if self.stopped:
            raise Cancelled(f"Handing {self.name} over was stopped")
        self.rows, self.of = rows, of
        self.on_written(rows, of)


class Written(TypedDict):
    """A dataframe that the server has: its id as a source, and how many rows it has."""

    id: str
    rows: int


# What one thread writes, another one must find to tell of it, or to stop it.
_UNDER_WAY: list[_Handover] = []


def hand_over_frame(
    client: Client, value: object, name: str, on_written: OnWritten = lambda rows, of: None
) -> Written:
    """Hand a dataframe over to the server; its id as a source, and its rows.

    Raises:
        OrreryError: the server takes it not.
        Unreadable: it cannot be written.
        Cancelled: somebody stopped it, here or at the server.
    """
    from orrery_kernels.eda.arrow_writer import write

    known = shape(value)
    dialect = dialect_of(value)
    if dialect is None:
        raise not_a_dataframe(value)
    calls = EdaCalls(client)
    place = calls.create_handover(
        {
            "name": name[:400],
            "dialect": dialect,
            "rows": known["rows"] or 0,
            "bytes": known["bytes"] or 0,
        }
    )
    handover = _Handover(name, place["id"], on_written)
    _UNDER_WAY.append(handover)
    try:
        rows = write(value, place["path"], handover.advance)
    except BaseException:
        with suppress(OrreryError):
            calls.delete_handover(place["id"])
        raise
    finally:
        _UNDER_WAY.remove(handover)
    return {"id": place["id"], "rows": rows}
