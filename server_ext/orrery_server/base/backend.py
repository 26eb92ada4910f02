"""A trait that takes a backend by its entry-point name."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any, cast

from traitlets import HasTraits, TraitError, TraitType


@cache
def installed() -> EntryPoints:
    """Every entry point of the environment; reading them all takes as long as importing a small library."""
    # Without arguments Python 3.11 gives an older type that can be asked in the same way.
    return cast("EntryPoints", entry_points())


class BackendName(TraitType[Any, Any]):
    """The name of an installed backend, such as ``files``; its help lists what is installed.

    Setting a name that nobody installed fails at once and says which ones there are.
    """

    def __init__(self, group: str, **kwargs: Any) -> None:
        self.group = group
        said = kwargs.pop("help", "")
        installed = ", ".join(f"`{name}`" for name in self.names()) or "none"
        super().__init__(help=f"{said} Installed: {installed}.".strip(), **kwargs)

    def names(self) -> list[str]:
        """The installed backends, in alphabetical order."""
        return sorted(point.name for point in installed().select(group=self.group))

    def validate(self, obj: Any, value: Any) -> str:
        """The name, if there is such a backend."""
        if value in self.names():
            return str(value)
        raise TraitError(
            f"{self.group} has no backend {value!r}. Installed: {', '.join(self.names()) or 'none'}."
            " Install the distribution that brings it, or choose one of these."
        )

    @staticmethod
    def chosen(owner: HasTraits, trait: str = "backend") -> Any:
        """The class behind the name that an owner's trait holds."""
        chosen = owner.traits()[trait]
        if not isinstance(chosen, BackendName):
            raise TypeError(f"{trait} of {type(owner).__name__} names no backend")
        return BackendName.load(chosen.group, getattr(owner, trait))

    @staticmethod
    def load(group: str, name: str) -> Any:
        """The class behind a name."""
        found: EntryPoint
        (found,) = installed().select(group=group, name=name)
        return found.load()
