"""The steps that one expansion may take, whatever its body asks for.

A body comes from other people, and is expanded when it is looked at. Every part that a body can repeat takes steps from one
budget: reading what may be a transform, compiling an expression, matching it, copies of its groups, writing. The browser
counts the same (``labextension/src/snippets/body/budget.ts``), so a body is refused on both sides or on neither.
"""

from __future__ import annotations

from orrery_kernels.errors import BodyTooLarge

MAX_EXPANSION_STEPS = 300_000
# What it takes to find out that a text is no choice, or no transform.
MALFORMED_STEPS = 250
# A stop or a variable, each time it is written.
NODE_STEPS = 2
# So many characters are copied in the time of one step.
CHARACTERS_PER_STEP = 4


class Budget:
    """Steps that are left."""

    def __init__(self, steps: int = MAX_EXPANSION_STEPS) -> None:
        self.left = steps

    def charge(self, steps: int) -> None:
        """Take steps.

        Raises:
            BodyTooLarge: fewer are left.
        """
        self.left -= steps
        if self.left < 0:
            raise BodyTooLarge(
                f"The snippet takes more than {MAX_EXPANSION_STEPS:,} steps to expand: "
                "its transforms or mirrors repeat too much"
            )

    def charge_text(self, length: int) -> None:
        """Take the steps of copying a text of a length.

        Raises:
            BodyTooLarge: fewer are left.
        """
        self.charge(1 + length // CHARACTERS_PER_STEP)
