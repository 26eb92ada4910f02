"""Read by every Python that tests start, for its folder is in their PYTHONPATH: some hundred servers, hubs and labs.

What each of them does at its start without any use here is left out.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

# jsonschema builds the grammars of international addresses (RFC 3987), 1.3 s of processor time, for formats that no
# schema here has; without them it checks the rest as ever. Alembic's templates have a page for errors in colour, 0.1 s.
for _name in ("rfc3987_syntax", "mako.ext.pygmentplugin"):
    sys.modules[_name] = None  # type: ignore[assignment]

# While a server imports its libraries, nearly everything that is allocated stays. The garbage collector looks at all of
# it again and again, a fifth of the time of a start, and finds nothing: it looks less often.
gc.set_threshold(10_000, 20, 50)


def _without_yarn(module: ModuleType) -> None:
    """JupyterLab asks Yarn for the registry of packages twice at each start, a second of processor time."""
    vars(module)["_yarn_config"] = lambda _logger: {"yarn config": {}, "npm config": {}}


def _without_npm(module: ModuleType) -> None:
    """The extension for language servers asks npm where those may be, 0.4 s; no test has one."""
    module.LanguageServerManagerAPI._npm_prefix = lambda _self, _npm: None


_CHANGES: dict[str, Callable[[ModuleType], None]] = {
    "jupyterlab.commands": _without_yarn,
    "jupyter_lsp.types": _without_npm,
}


class _Changed:
    """Finds the modules above, and changes each when it has been imported."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """The usual specification, with a loader that does the change after its work."""
        change = _CHANGES.get(name)
        spec = PathFinder.find_spec(name, path) if change else None
        if change and spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                load(module)
                change(module)

            vars(spec.loader)["exec_module"] = exec_module
        return spec


sys.meta_path.insert(0, _Changed())
