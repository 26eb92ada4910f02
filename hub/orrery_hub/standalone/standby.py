"""A process that has imported a module and waits for its turn: ``python -m orrery_hub.standalone.standby <module>``.

Most of a start is the import of libraries. The supervisor writes a line to its standard input when the process before
it has ended; when the supervisor has ended, the input ends, and so does it.
"""

from __future__ import annotations

import importlib
import sys


def main() -> None:
    """Import the module, wait, and call its ``main``."""
    module = importlib.import_module(sys.argv[1])
    if sys.stdin.readline():
        module.main()


if __name__ == "__main__":
    main()
