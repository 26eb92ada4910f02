"""Snippets: find, render, insert, save and share pieces of code.

A snippet is named by its id, its name, a prefix or the beginning of its name.
"""

from __future__ import annotations

from orrery_kernels.snippets.service import Snippets
from orrery_wire.types.snippets import Snippet, SnippetCell

_service = Snippets()

delete = _service.delete
export = _service.export
favourite = _service.favourite
get = _service.get
history = _service.history
import_files = _service.import_files
insert = _service.insert
libraries = _service.libraries
list = _service.list
render = _service.render
restore = _service.restore
save = _service.save
search = _service.search
undelete = _service.undelete
undo_import = _service.undo_import
update = _service.update

__all__ = [
    "Snippet",
    "SnippetCell",
    "delete",
    "export",
    "favourite",
    "get",
    "history",
    "import_files",
    "insert",
    "libraries",
    "list",
    "render",
    "restore",
    "save",
    "search",
    "undelete",
    "undo_import",
    "update",
]
