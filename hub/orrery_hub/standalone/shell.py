"""How the command ``orrery`` is typed in the shell that this process was started from."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

_NAME = "orrery"


def typed(words: str) -> str:
    """A command line such as ``orrery password``, as that shell understands it.

    ``make up`` and a person without an activated environment start the program by its path, which the shell's own
    search path does not lead to; then the path stands in the place of the name.
    """
    program = Path(sys.argv[0])
    if program.name != _NAME:
        return f"{_NAME} {words}"
    if program.is_absolute():
        program_on_path = shutil.which(_NAME)
        is_there = (
            program_on_path is not None and Path(program_on_path).resolve() == program.resolve()
        )
        return f"{_NAME if is_there else shlex.quote(str(program))} {words}"
    # The shell may be in another folder than this process, as after `make -C`.
    folder = os.environ.get("PWD")
    is_here = folder is None or Path(folder).resolve() == Path.cwd()
    return f"{shlex.quote(str(program if is_here else program.absolute()))} {words}"
