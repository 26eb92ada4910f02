"""Libraries that are loaded when they are first used: a lab whose person looks at no data starts without them."""

from __future__ import annotations

import importlib
from typing import Any


class LazyModule:
    """Stands for a module of a name until something of it is asked for.

    For names at the top of a module, beside an import that only type checkers see::

        if TYPE_CHECKING:
            import pyarrow as pa
        else:
            pa = LazyModule("pyarrow")
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        """What the module has, loaded now.

        Raises:
            AttributeError: it has nothing of that name.
            ImportError: it is not installed.
        """
        value = getattr(importlib.import_module(self._name), attribute)
        setattr(self, attribute, value)
        return value
