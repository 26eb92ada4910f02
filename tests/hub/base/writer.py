"""Saves snippets as fast as it can and says each one once it is saved, until somebody kills it."""

from __future__ import annotations

import sys
import uuid

from orrery_hub.base.db import Database
from orrery_hub.base.user import User
from orrery_hub.projects.store import memberships
from orrery_hub.snippets.service import SnippetService
from orrery_wire.snippets import SnippetCell, SnippetIn

snippets = SnippetService(Database(sys.argv[1]), memberships)
ANN = User("ann", int(sys.argv[2]))
print("ready", flush=True)
while True:
    source = uuid.uuid4().hex * 50
    snippet = snippets.save(ANN, SnippetIn(name="n", cells=(SnippetCell(source=source),)))
    print(snippet.id, source, flush=True)
