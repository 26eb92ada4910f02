"""Which modules a snippet's Python cells import."""

from __future__ import annotations

import ast
import re
import sys
from keyword import iskeyword

from orrery_wire.snippets import SnippetContent

# A body with tab stops or with IPython's magics is no Python yet: then each line is read by itself.
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w., \t]+)", re.MULTILINE)
_FROM = re.compile(r"^[ \t]*from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b", re.MULTILINE)
_MOST = 100_000


def required(content: SnippetContent) -> tuple[str, ...]:
    """The top-level modules, without the standard library, in the order of their names."""
    if content.language not in ("python", "ipython"):
        return ()
    modules: set[str] = set()
    for cell in content.cells:
        if cell.kind == "code" and "import" in cell.source and len(cell.source) <= _MOST:
            modules |= _imported(cell.source)
    return tuple(sorted(modules - sys.stdlib_module_names))


def _imported(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _read_by_line(source)
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            modules.add(node.module.partition(".")[0])
    return modules


def _read_by_line(source: str) -> set[str]:
    modules = set(_FROM.findall(source))
    for names in _IMPORT.findall(source):
        modules |= {name.split()[0].partition(".")[0] for name in names.split(",") if name.split()}
    return {name for name in modules if name.isidentifier() and not iskeyword(name)}
