"""Backend base class, and the trait that takes a backend by its entry-point name."""

from __future__ import annotations

from abc import ABC, ABCMeta
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any, cast

from traitlets import HasTraits, MetaHasTraits, TraitError, TraitType
from traitlets.config import LoggingConfigurable


class BackendMeta(MetaHasTraits, ABCMeta):
    """Options as traits, and abstract methods that Python enforces."""


class Backend(LoggingConfigurable, ABC, metaclass=BackendMeta):
    """One place or kind behind a service; the contract is the capability's ``backend.py``."""

    async def close(self) -> None:
        """Stop what runs and close what is open."""
        return


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
        text = kwargs.pop("help", "")
        names = ", ".join(f"`{name}`" for name in self.names()) or "none"
        super().__init__(help=f"{text} Installed: {names}.".strip(), **kwargs)

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
    def backend_class(owner: HasTraits, trait: str = "backend") -> Any:
        """The class behind the name that an owner's trait holds."""
        name_trait = owner.traits()[trait]
        if not isinstance(name_trait, BackendName):
            raise TypeError(f"{trait} of {type(owner).__name__} names no backend")
        return BackendName.load(name_trait.group, getattr(owner, trait))

    @staticmethod
    def load(group: str, name: str) -> Any:
        """The class behind a name."""
        point: EntryPoint
        (point,) = installed().select(group=group, name=name)
        return point.load()
