"""What a person typed for a server and nobody needs once it has ended: values of the environment, and the script.

They may hold a secret, so they are not kept with what is kept for lists and costs.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, and_, cast, or_
from sqlalchemy.orm import InstrumentedAttribute

from orrery_wire.json_types import JsonObject

_NONE: JsonObject = {"environment": {}, "startup_script": ""}
# So many rows are stripped in one go; the rest in the next.
STRIP_LIMIT = 2_000


def without_private(options: JsonObject) -> JsonObject:
    """The options without those."""
    return {name: _NONE.get(name, value) for name, value in options.items()}


def has_private(options: InstrumentedAttribute[JsonObject]) -> ColumnElement[bool]:
    """Whether a column of options has any, as they are written."""
    text = cast(options, String)
    return or_(
        and_(text.contains('"environment": '), text.not_like('%"environment": {}%')),
        and_(text.contains('"startup_script": '), text.not_like('%"startup_script": ""%')),
    )
