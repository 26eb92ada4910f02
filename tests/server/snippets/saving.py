"""Saves versions of one snippet for ever, and says after each that it is saved. Started to be killed.

python saving.py FOLDER ID
"""

from __future__ import annotations

import asyncio
import sys

from orrery_server.snippets.backends.files import FileSnippets
from orrery_wire.snippets import Marks, SnippetIn


async def main(folder: str, id: str) -> None:
    store = FileSnippets(folder=folder)
    number = int((await store.versions(id))[0].content.cells[0].source.partition(" ")[0])
    while True:
        number += 1
        text = f"{number} " + "x" * 20_000
        await store.save(SnippetIn.model_validate({"name": "A", "cells": [{"source": text}]}), id)
        await store.mark(id, Marks(position=float(number)))
        print(number, flush=True)


asyncio.run(main(*sys.argv[1:]))
