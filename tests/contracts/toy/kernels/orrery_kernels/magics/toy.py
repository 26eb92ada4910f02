"""``%toy``."""

from __future__ import annotations

from typing import ClassVar

from IPython.core.magic import line_magic, magics_class, no_var_expand

from orrery_kernels.shell import CapabilityMagics
from orrery_kernels.text import PlainText


@magics_class
class ToyMagics(CapabilityMagics):
    """Toys in a kernel."""

    summary: ClassVar[dict[str, str]] = {"%toy": "list the toys"}

    @no_var_expand
    @line_magic
    def toy(self, line: str) -> PlainText:
        """List the toys."""
        return PlainText("No toys")


MAGICS = ToyMagics
