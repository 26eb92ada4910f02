"""``%orrery``: the magics that there are, and the server that the kernel talks to."""

from __future__ import annotations

from typing import ClassVar

from IPython.core.magic import line_magic, magics_class, no_var_expand

from orrery_kernels.errors import UsageError
from orrery_kernels.shell import CapabilityMagics, report_errors
from orrery_kernels.text import PlainText, table
from orrery_wire.errors import OrreryError


@magics_class
class OverviewMagics(CapabilityMagics):
    """The overview."""

    summary: ClassVar[dict[str, str]] = {
        "%load_ext jupyter_orrery": "make these magics known (done already in the kernel Python (Orrery))",
        "%orrery": "this list, and the server that the kernel talks to",
    }

    @no_var_expand
    @line_magic
    def orrery(self, line: str) -> PlainText:
        """List Orrery's magics and the server that this kernel talks to."""
        return report_errors(lambda: self._overview(line))

    def _overview(self, line: str) -> PlainText:
        from orrery_kernels.magics import magic_classes

        if line.strip():
            raise UsageError("%orrery takes no arguments")
        rows = list(self.summary.items())
        for magic_class in magic_classes().values():
            if magic_class is not type(self):
                rows += magic_class.summary.items()
        listed = table(("Magic", "What it does"), rows, width=120)
        return PlainText(f"{listed}\n\n{_server_line()}")


def _server_line() -> str:
    from orrery_kernels.connection import find_connection
    from orrery_kernels.status import status

    try:
        answer = status(timeout=5)
        url = find_connection().url
    except OrreryError as error:
        return f"No server: {error}"
    line = f"Server: {url}, Orrery {answer['version']}, as {answer['user']}"
    off = [
        f"{part['title']} is off: {part['reason']} {part['remedy']}"
        for part in answer.get("off", ())
    ]
    return "\n".join([line, *off])


MAGICS = OverviewMagics
