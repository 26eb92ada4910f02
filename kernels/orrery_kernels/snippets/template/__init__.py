"""VS Code snippet bodies: what is in them, and what they become.

``grammar`` reads a body, ``transforms`` changes a value, ``expansion`` writes the text. The promises are the cases of
``tests/contracts/snippet_bodies.json``, which the browser's expander keeps too.
"""

from __future__ import annotations

from orrery_kernels.errors import BodyTooLarge
from orrery_kernels.snippets.template.expansion import Expansion, Stop, escape, expand

__all__ = ["BodyTooLarge", "Expansion", "Stop", "escape", "expand"]
