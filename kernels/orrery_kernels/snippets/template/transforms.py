"""The transforms of a snippet body: ``/expression/format/flags``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from orrery_kernels.snippets.template.budget import CHARACTERS_PER_STEP, Budget
from orrery_kernels.snippets.template.regex import (
    MAX_PROGRAM,
    Captures,
    Expression,
    ExpressionError,
    ExpressionTooLargeError,
    StepLimitError,
    compile_expression,
)

_WORDS = re.compile(r"[^\W_]+")
_BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def _capitalize(value: str) -> str:
    return value[:1].upper() + value[1:]


def _pascal(value: str) -> str:
    return "".join(map(_capitalize, _WORDS.findall(value))) or value


def _camel(value: str) -> str:
    pascal = _pascal(value)
    return pascal[:1].lower() + pascal[1:]


def _snake(value: str) -> str:
    return re.sub(f"[-{_BLANKS}]+", "_", _split_humps(value, "_")).lower()


def _kebab(value: str) -> str:
    return re.sub(f"[_{_BLANKS}]+", "-", _split_humps(value, "-")).lower()


def _split_humps(value: str, mark: str) -> str:
    """The value with a mark between each small letter and the capital after it."""
    parts: list[str] = []
    before = ""
    for char in value:
        here = unicodedata.category(char)
        parts.append(mark + char if (before, here) == ("Ll", "Lu") else char)
        before = here
    return "".join(parts)


CASES: dict[str, Callable[[str], str]] = {
    "camelcase": _camel,
    "capitalize": _capitalize,
    "downcase": str.lower,
    "kebabcase": _kebab,
    "pascalcase": _pascal,
    "snakecase": _snake,
    "upcase": str.upper,
}


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the expression in the format: as it is, in another case, or a text for there or not there."""

    number: int
    case: str = ""
    present: str | None = None
    absent: str | None = None

    @property
    def size(self) -> int:
        """How much a match takes to write it, without the value."""
        return 1 + len(self.present or "") + len(self.absent or "")

    def write(self, value: str) -> str:
        """What stands in the result for the value of the group."""
        if self.case:
            return CASES.get(self.case, str)(value)
        if value:
            return value if self.present is None else self.present
        return self.absent or ""


@dataclass(frozen=True, slots=True)
class Transform:
    """A compiled transform."""

    expression: Expression
    parts: tuple[str | Group, ...]
    everywhere: bool

    def apply(self, value: str, budget: Budget) -> str:
        """The value with the first match, or with ``g`` every match, replaced.

        Where nothing matches, a format that has a text for an absent group is the result. A value on which the
        expression takes too many steps stays as it is.

        Raises:
            BodyTooLarge: it takes more than the budget has left.
        """
        budget.charge_text(len(value))
        try:
            matches = self.expression.matches(value, self.everywhere, budget)
        except StepLimitError:
            return value
        size = sum(part.size if isinstance(part, Group) else 1 for part in self.parts)
        budget.charge(size * max(1, len(matches)))
        if not matches and any(isinstance(part, Group) and part.absent for part in self.parts):
            return self._write(value, (), budget)
        written: list[str] = []
        end = 0
        for match in matches:
            written += (value[end : match[0]], self._write(value, match, budget))
            end = match[1]
        return "".join(written) + value[end:]

    def _write(self, value: str, match: Captures, budget: Budget) -> str:
        def group(number: int) -> str:
            begin, end = match[2 * number : 2 * number + 2] or (-1, -1)
            if min(begin, end) < 0:
                return ""
            budget.charge((end - begin) // CHARACTERS_PER_STEP)
            return value[begin:end]

        return "".join(
            part if isinstance(part, str) else part.write(group(part.number)) for part in self.parts
        )


def compile_transform(
    expression: str, parts: tuple[str | Group, ...], flags: str, budget: Budget
) -> Transform | None:
    """The transform, or None where the expression or a flag is wrong.

    Raises:
        BodyTooLarge: it takes more than the budget has left.
    """
    budget.charge(len(expression))
    try:
        compiled = compile_expression(expression, flags)
    except ExpressionTooLargeError:
        budget.charge(MAX_PROGRAM)
        return None
    except ExpressionError:
        return None
    budget.charge(compiled.size)
    return Transform(compiled, parts, "g" in flags)
