"""Regular expressions of administrators over texts of people, matched in linear time.

Python's own engine tries ways without end for some patterns; pydantic's, which is written in Rust, does not, and has
neither references back nor looks ahead.
"""

from __future__ import annotations

import functools
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError
from pydantic_core import SchemaError


def is_whole_match(pattern: str, text: str) -> bool:
    """Whether a whole text matches a pattern.

    Raises:
        ValueError: it is no pattern, or one that cannot be matched in linear time.
    """
    try:
        _adapter(pattern).validate_python(text)
    except ValidationError:
        return False
    return True


@functools.lru_cache(maxsize=256)
def _adapter(pattern: str) -> TypeAdapter[str]:
    whole = StringConstraints(pattern=rf"\A(?:{pattern})\z")
    try:
        return TypeAdapter(Annotated[str, whole])
    except SchemaError as problem:
        lines = str(problem).splitlines()
        raise ValueError(
            next((line for line in lines if line.startswith("error:")), lines[0])
        ) from None
