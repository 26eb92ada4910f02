"""The grammar of a snippet body: text, stops and variables, nested.

    any         = stop | placeholder | choice | variable | text
    stop        = $n  | ${n}  | ${n transform}
    placeholder = ${n:any}
    choice      = ${n|text,text|}
    variable    = $name | ${name} | ${name:any} | ${name transform}
    transform   = /expression/format/flags
    format      = { $n | ${n} | ${n:/case} | ${n:+text} | ${n:?text:text} | ${n:-text} | ${n:text} | text }

A number beyond ``MAX_NUMBER`` is that. The browser reads by the same rules (``labextension/src/snippets/body/parse.ts``).
Whatever does not fit is text. Reading takes steps of the expansion's budget for what can cost more than its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from orrery_kernels.snippets.template.budget import MALFORMED_STEPS, Budget
from orrery_kernels.snippets.template.transforms import Group, Transform, compile_transform

# Nobody writes deeper or longer ones; without a limit a hostile body could take the stack or hours.
MAX_DEPTH = 50
MAX_CHOICE = 4_000
MAX_PATTERN = 1_000
MAX_NUMBER = 10**9

_PLAIN = re.compile(r"[^\\$}]+")
_SIMPLE = re.compile(r"\$(?:([0-9]+)|([A-Za-z_][A-Za-z0-9_]*))")
_OPEN = re.compile(r"\$\{(?:([0-9]+)|([A-Za-z_][A-Za-z0-9_]*))([:/|}])")
_OPTION = re.compile(r"((?:\\[\s\S]|[^\\,|])+)([,|])")
_UNESCAPE_OPTION = partial(re.compile(r"\\([,|\\])").sub, r"\1")
_EXPRESSION = re.compile(rf"((?:\\[\s\S]|[^\\/]){{0,{MAX_PATTERN}}})/")
_FLAGS = re.compile(r"([^}]{0,16})\}")
_GROUP = re.compile(r"\$(?:([0-9]{1,6})|\{([0-9]{1,6})(?:\}|:/([A-Za-z_][A-Za-z0-9_]*)\}))")
_CONDITION = re.compile(r"\$\{([0-9]{1,6}):(?!/)([+?-]?)")
_UNTIL = {
    end: re.compile(rf"((?:\\[$}}\\]|[^\\{end}]){{1,{MAX_PATTERN}}}){end}") for end in (":", "}")
}
_UNESCAPE = partial(re.compile(r"\\([$}\\])").sub, r"\1")


@dataclass(frozen=True, slots=True)
class StopNode:
    """A tab stop, with its default or its options."""

    number: int
    children: tuple[Node, ...] = ()
    options: tuple[str, ...] = ()
    transform: Transform | None = None

    @property
    def gives_default(self) -> bool:
        """Whether the other places of the number take their text from here."""
        return bool(self.number and (self.children or self.options))


@dataclass(frozen=True, slots=True)
class VariableNode:
    """A variable, with what stands there while it is not set."""

    name: str
    children: tuple[Node, ...] = ()
    transform: Transform | None = None
    has_default: bool = False
    """Whether a default is given, be it empty."""


Node = str | StopNode | VariableNode


def parse(body: str, budget: Budget) -> tuple[Node, ...]:
    """The nodes of a body; whatever is malformed is text.

    Raises:
        BodyTooLarge: it takes more than the budget has left.
    """
    return tuple(_Reader(body, budget).nodes(0))


def _number(digits: str | None) -> int:
    """The number of some digits, of which there may be thousands; 0 without any."""
    return min(int((digits or "").lstrip("0")[:11] or "0"), MAX_NUMBER)


class _Reader:
    """Reads a body once, from the left."""

    def __init__(self, body: str, budget: Budget) -> None:
        self.body = body
        self.budget = budget
        self.at = 0

    def nodes(self, depth: int) -> list[Node]:
        """The nodes up to the end, or inside a placeholder up to its closing brace."""
        nodes: list[Node] = []
        text: list[str] = []
        while self.at < len(self.body) and not (depth and self.body[self.at] == "}"):
            for node in self._next(depth):
                if isinstance(node, str):
                    text.append(node)
                    continue
                if text:
                    nodes.append("".join(text))
                    text = []
                nodes.append(node)
        return [*nodes, "".join(text)] if text else nodes

    def _next(self, depth: int) -> list[Node]:
        here = self.body[self.at]
        if here == "$":
            return self._simple() or self._braced(depth) or self._text(1)
        if here == "\\" and self.body[self.at + 1 : self.at + 2] in ("$", "}", "\\"):
            self.at += 1
            return self._text(1)
        plain = _PLAIN.match(self.body, self.at)
        return self._text(len(plain[0]) if plain else 1)

    def _text(self, length: int) -> list[Node]:
        self.at += length
        return [self.body[self.at - length : self.at]]

    def _simple(self) -> list[Node] | None:
        match = _SIMPLE.match(self.body, self.at)
        if match is None:
            return None
        self.at = match.end()
        return [StopNode(_number(match[1])) if match[1] else VariableNode(match[2])]

    def _braced(self, depth: int) -> list[Node] | None:
        match = _OPEN.match(self.body, self.at)
        if match is None:
            return None
        number, name, sign = match.groups()
        if sign == ":":
            return self._default(match, depth) if depth < MAX_DEPTH else None
        if sign == "|":
            return self._choice(_number(number), match.end())
        transform = self._transform(match.end()) if sign == "/" else None
        if sign == "/" and transform is None:
            return None
        if sign == "}":
            self.at = match.end()
        if number:
            return [StopNode(_number(number), transform=transform)]
        return [VariableNode(name, transform=transform)]

    def _default(self, match: re.Match[str], depth: int) -> list[Node]:
        """A placeholder or a variable with a default; without its closing brace it is only what it holds."""
        self.at = match.end()
        children = self.nodes(depth + 1)
        if self.at == len(self.body):
            return [match[0], *children]
        self.at += 1
        number, name, _ = match.groups()
        inside = tuple(children)
        return [
            StopNode(_number(number), inside)
            if number
            else VariableNode(name, inside, has_default=True)
        ]

    def _choice(self, number: int, at: int) -> list[Node] | None:
        options: list[str] = []
        start = at
        while (match := _OPTION.match(self.body, at, start + MAX_CHOICE)) is not None:
            options.append(_UNESCAPE_OPTION(match[1]))
            at = match.end()
            if match[2] == "|":
                if self.body[at : at + 1] != "}":
                    break
                if not number:
                    break
                self.at = at + 1
                return [StopNode(number, options=tuple(options))]
        self.budget.charge(MALFORMED_STEPS)
        return None

    def _transform(self, at: int) -> Transform | None:
        expression = _EXPRESSION.match(self.body, at)
        if expression is None:
            self.budget.charge(MALFORMED_STEPS)
            return None
        start = self.at
        self.at = expression.end()
        parts = self._format()
        flags = _FLAGS.match(self.body, self.at) if parts is not None else None
        if parts is not None and flags is not None:
            source = expression[1].replace("\\/", "/")
            transform = compile_transform(source, tuple(parts), flags[1], self.budget)
            if transform is not None:
                self.at = flags.end()
                return transform
        self.budget.charge(MALFORMED_STEPS)
        self.at = start
        return None

    def _format(self) -> list[str | Group] | None:
        """The format up to its slash, or None where there is none."""
        parts: list[str | Group] = []
        end = self.at + MAX_PATTERN
        while self.at < min(end, len(self.body)):
            here = self.body[self.at]
            if here == "/":
                self.at += 1
                return parts
            group = self._group() if here == "$" else None
            if group is not None:
                parts.append(group)
                continue
            if here == "\\" and self.body[self.at + 1 : self.at + 2] in ("/", "\\"):
                self.at += 1
            parts.append(self.body[self.at])
            self.at += 1
        return None

    def _group(self) -> Group | None:
        match = _GROUP.match(self.body, self.at)
        if match is not None:
            self.at = match.end()
            return Group(int(match[1] or match[2]), case=match[3] or "")
        condition = _CONDITION.match(self.body, self.at)
        if condition is None:
            return None
        ends = ":}" if condition[2] == "?" else "}"
        texts: list[str] = []
        at = condition.end()
        for end in ends:
            text = _UNTIL[end].match(self.body, at)
            if text is None:
                return None
            texts.append(_UNESCAPE(text[1]))
            at = text.end()
        self.at = at
        if condition[2] == "+":
            return Group(int(condition[1]), present=texts[0], absent="")
        return Group(
            int(condition[1]), present=texts[0] if len(texts) == 2 else None, absent=texts[-1]
        )
