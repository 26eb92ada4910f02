"""VS Code snippet bodies: grammar and expansion.

``grammar`` reads a body, ``transforms`` changes a value, ``expansion`` writes the text. The cases of
``tests/contracts/snippet_bodies.json`` bind this expander and that of the browser.
"""

from __future__ import annotations

from orrery_kernels.errors import BodyTooLarge
from orrery_kernels.snippets.template.expansion import Expansion, Stop, escape, expand

__all__ = ["BodyTooLarge", "Expansion", "Stop", "escape", "expand"]
