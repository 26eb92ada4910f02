"""How many different keys the records of a file have; beyond a limit they are refused before anything reads them."""

from __future__ import annotations

import re

from orrery_wire.errors import Invalid

MAX_KEYS = 20_000
# A string, a sign that opens or closes, or a colon; whatever else stands there does not matter.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:]', re.DOTALL)


def require_few(beginning: str) -> None:
    """Refuse records whose beginning has too many different keys.

    Args:
        beginning: of a file with a record a line, or with one array of records.

    Raises:
        Invalid: there are more than ``MAX_KEYS``.
    """
    if beginning.count(":") <= MAX_KEYS:
        return
    of_record = 2 if beginning.lstrip().startswith("[") else 1
    depth, text = 0, ""
    keys: set[str] = set()
    for match in _TOKEN.finditer(beginning):
        sign = match[0]
        if sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
        elif sign == ":":
            if depth == of_record:
                keys.add(text)
                if len(keys) > MAX_KEYS:
                    raise too_many()
        else:
            text = sign


def too_many() -> Invalid:
    """The refusal."""
    return Invalid(
        f"The records have more than {MAX_KEYS:,} different keys.",
        reason=f"At most {MAX_KEYS:,} columns of JSON can be profiled.",
        remedy="Turn the records so that these are values, or keep the table as Parquet.",
    )
