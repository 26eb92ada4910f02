"""The transforms of a snippet body: ``/expression/format/flags``, with JavaScript's regular expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_WORDS = re.compile(r"[^\W_]+")
_ASCII = {"d": "0-9", "w": "A-Za-z0-9_"}
_FLAGS = frozenset("dgimsuvy")


def _pascal(value: str) -> str:
    words = _WORDS.findall(value)
    return "".join(word[0].upper() + word[1:] for word in words) or value


def _camel(value: str) -> str:
    pascal = _pascal(value)
    return pascal[:1].lower() + pascal[1:] if _WORDS.search(value) else value


def _snake(value: str) -> str:
    return re.sub(r"[\s-]+", "_", _split_humps(value, "_")).lower()


def _kebab(value: str) -> str:
    return "-".join(_WORDS.findall(_split_humps(value, "-"))).lower() or value


def _split_humps(value: str, mark: str) -> str:
    return "".join(
        mark + here if here.isupper() and before.islower() else here
        for before, here in zip(" " + value, value, strict=False)
    )


CASES: dict[str, Callable[[str], str]] = {
    "camelcase": _camel,
    "capitalize": lambda value: value[:1].upper() + value[1:],
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

    expression: re.Pattern[str]
    parts: tuple[str | Group, ...]
    everywhere: bool

    def apply(self, value: str) -> str:
        """The value with the first match, or with ``g`` every match, replaced.

        Where nothing matches, a format that has a text for an absent group is the result.
        """
        changed, matches = self.expression.subn(self._write, value, 0 if self.everywhere else 1)
        if not matches and any(isinstance(part, Group) and part.absent for part in self.parts):
            return self._write(None)
        return changed

    def _write(self, match: re.Match[str] | None) -> str:
        groups = (match[0], *match.groups("")) if match else ()
        return "".join(
            part
            if isinstance(part, str)
            else part.write(groups[part.number] if part.number < len(groups) else "")
            for part in self.parts
        )


def compile_transform(
    expression: str, parts: tuple[str | Group, ...], flags: str
) -> Transform | None:
    """The transform, or None where the expression or a flag is wrong."""
    if not _FLAGS.issuperset(flags) or len(set(flags)) != len(flags):
        return None
    bits = re.NOFLAG
    for letter, bit in (("i", re.IGNORECASE), ("m", re.MULTILINE), ("s", re.DOTALL)):
        bits |= bit if letter in flags else re.NOFLAG
    try:
        compiled = re.compile(_from_javascript(expression, "m" in flags), bits)
    except (re.error, RecursionError, OverflowError):
        return None
    return Transform(compiled, parts, "g" in flags)


_TOKEN = re.compile(r"\\k<(\w+)>|\\(.)|\[\^?\]|\(\?<(?![=!])|.", re.DOTALL)


def _from_javascript(expression: str, multiline: bool) -> str:
    """The same expression for Python: digits and words are ASCII, ``$`` is the very end, groups have names."""
    out: list[str] = []
    inside = False
    for token in _TOKEN.finditer(expression):
        text, letter = token[0], token[2]
        if token[1]:
            out.append(f"(?P={token[1]})")
        elif letter in _ASCII:
            out.append(_ASCII[letter] if inside else f"[{_ASCII[letter]}]")
        elif letter in ("D", "W") and not inside:
            out.append(f"[^{_ASCII[letter.lower()]}]")
        elif inside:
            inside = text != "]"
            out.append("\\" + text if text in "[&|~" else text)
        elif text in ("[]", "[^]"):
            out.append("(?!)" if text == "[]" else r"[\s\S]")
        elif text == "(?<":
            out.append("(?P<")
        elif text == "$" and not multiline:
            out.append(r"\Z")
        else:
            inside = text == "["
            out.append(text)
    return "".join(out)
