"""Parts of a path that vary, and the rule that each of them obeys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter

from orrery_wire.names import Segment

SEGMENT = "[^/]+"
NUMBER = "[0-9]{1,9}"
# A rule is made ready when it is first used, not while the server starts.
_LATE = ConfigDict(defer_build=True)


@dataclass(frozen=True)
class PathParameter:
    """A part of a path that varies; ``rule`` is what its decoded value has to obey."""

    name: str
    type: type[str] | type[int]
    rule: TypeAdapter[Any]

    @property
    def pattern(self) -> str:
        """The regular expression of the part as it stands in an address, percent-encoded."""
        return NUMBER if self.type is int else SEGMENT


def path_parameter(name: str, hint: object) -> PathParameter | None:
    """The parameter by its annotation, ``int`` or ``str`` with or without constraints; None for any other."""
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    for kind in (int, str):
        if plain is kind:
            rule: Any = Segment if hint is str else hint
            return PathParameter(name, kind, TypeAdapter(rule, config=_LATE))
    return None
