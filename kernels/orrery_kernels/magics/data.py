"""``%data``: ``orrery data`` in a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from IPython.core.magic import line_magic, magics_class, no_var_expand

from orrery_kernels.shell import (
    CapabilityMagics,
    complete_command,
    report_errors,
    run_command,
    split_line,
)


@magics_class
class DataMagics(CapabilityMagics):
    """Data in a kernel."""

    verbs: ClassVar[Sequence[str]] = ("connections", "get", "head", "ls", "put")
    summary: ClassVar[dict[str, str]] = {
        "%data ls NAME:PATH": "list what is in a folder, a database or a table of a connection",
        "%data head NAME:PATH": "show the first rows of a file",
    }

    @no_var_expand
    @line_magic
    def data(self, line: str) -> None:
        """List, read and write data through the lab's connections; keys and passwords stay with the lab's server.

        %data                           list the connections, the lake and the lab's files
        %data connections               the same
        %data ls NAME:PATH              list what is in a folder, a database, a schema or a table
        %data head NAME:PATH            show the first rows of a file; --rows N
        %data get NAME:PATH [TARGET]    copy a file to this machine
        %data put FILE NAME:PATH        copy a file of this machine into a store; --replace

        In code: orrery.connect("NAME"). The options are those of `orrery data` in a terminal: %data VERB --help. Tab
        completes verbs, names and paths.
        """
        report_errors(lambda: run_command("data", split_line(line) or ["connections"]))

    def complete(self, line: str, symbol: str) -> Sequence[str]:
        """Verbs, names, paths, options or their values."""
        _, *before, begun = line.split(" ")
        return complete_command("data", before, begun)


MAGICS = DataMagics
