"""Regular expressions of transforms: JavaScript's syntax, in bounded time.

The browser has the same engine (``labextension/src/snippets/body/regex.ts``), so that a body means the same on both sides,
and no expression can block either: backtracking remembers what failed, a search ends after ``MAX_STEPS``, and all searches
of an expansion share its budget. A copy of n groups takes n steps, a class of n ranges n / 16. Both sides count the same
steps over the same characters (code points). The engines that Python and browsers have differ in what they accept
and match, and cannot be stopped; RE2 knows no look-around and would have to be installed in every kernel.

    alternatives = sequence { "|" sequence }
    sequence     = { item [ "*" | "+" | "?" | "{m}" | "{m,}" | "{m,n}" ] [ "?" ] }
    item         = character | "." | "[" class "]" | "(" group ")" | "^" | "$" | escape

Not accepted: what JavaScript does not accept, octal escapes, and properties other than general categories (``\\p{Lu}``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from orrery_kernels.snippets.template.budget import Budget

MAX_STEPS = 120_000
MAX_PROGRAM = 1_500
MAX_NESTING = 40
# How far back a lookbehind may begin.
MAX_BEHIND = 200
# So many tests of a class are made in the time of one step.
_TESTS_PER_STEP = 16

_FLAGS = frozenset("dgimsuvy")
_DIGITS = frozenset("0123456789")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_SPACES = frozenset(
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_LINE_ENDS = frozenset("\n\r\u2028\u2029")
_CLASSES: dict[str, frozenset[str]] = {"d": _DIGITS, "w": _WORD, "s": _SPACES}
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "v": "\v", "f": "\f", "0": "\0"}
_CATEGORIES = frozenset(
    [
        "C",
        "Cc",
        "Cf",
        "Cn",
        "Co",
        "Cs",
        "L",
        "Ll",
        "Lm",
        "Lo",
        "Lt",
        "Lu",
        "M",
        "Mc",
        "Me",
        "Mn",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Pe",
        "Pf",
        "Pi",
        "Po",
        "Ps",
        "S",
        "Sc",
        "Sk",
        "Sm",
        "So",
        "Z",
        "Zl",
        "Zp",
        "Zs",
    ]
)
_COUNT = re.compile(r"\{([0-9]{1,4})(?:(,)([0-9]{0,4}))?\}")
_NAME = re.compile(r"<([A-Za-z_$][A-Za-z0-9_$]*)>")
_CATEGORY = re.compile(r"\{([A-Za-z]{1,2})\}")
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}")
_OPEN = re.compile(r"\(\?(:|=|!|<=|<!|(?=<))")

Test = Callable[[str], bool]
Captures = tuple[int, ...]
"""Begin and end of each group; -1 where it took no part."""


class ExpressionError(ValueError):
    """The text is no expression, or is too large for one."""


class ExpressionTooLargeError(ExpressionError):
    """It has more than ``MAX_PROGRAM`` instructions."""


class StepLimitError(RuntimeError):
    """The search was given up."""


@dataclass(slots=True)
class CharacterSet:
    """The characters that one place of an expression accepts."""

    tests: list[Test]
    is_negated: bool = False
    ignores_case: bool = False
    _known: dict[str, bool] = field(default_factory=dict)

    def __contains__(self, char: str) -> bool:
        if char not in self._known:
            forms = _case_forms(char) if self.ignores_case else (char,)
            fits = any(test(form) for form in forms for test in self.tests)
            self._known[char] = fits != self.is_negated
        return self._known[char]


def _case_forms(char: str) -> tuple[str, ...]:
    """The character in small and in capital; a letter of ASCII never stands for one beyond."""
    forms = (char, char.lower(), char.upper())
    return tuple(form for form in forms if len(form) == 1 and (form < "\x80") == (char < "\x80"))


@dataclass(frozen=True, slots=True)
class Instruction:
    """A step of a program: what is done, and its operands."""

    name: str
    first: int = 0
    second: int = 0
    accepts: CharacterSet = field(default_factory=lambda: CharacterSet([]))
    inner: Program | None = None
    is_negated: bool = False
    cost: int = 1


@dataclass(slots=True)
class ProgramSize:
    """How many instructions an expression has, with those inside its look-arounds."""

    total: int = 0


@dataclass(slots=True)
class Program:
    """A compiled expression, or the inside of a look-around."""

    steps: list[Instruction] = field(default_factory=list)
    has_backreference: bool = False
    size: ProgramSize = field(default_factory=ProgramSize)


class Node:
    """A part of an expression that writes its instructions."""

    def __init__(self, write: Callable[[Program], None], groups: tuple[int, int]) -> None:
        self.write = write
        self.groups = groups
        """The numbers of the groups in it, the end excluded."""


@lru_cache(maxsize=256)
def compile_expression(source: str, flags: str) -> Expression:
    """The expression.

    Raises:
        ExpressionError: it is none, or the flags are wrong.
    """
    if not _FLAGS.issuperset(flags) or len(set(flags)) != len(flags) or {"u", "v"} <= set(flags):
        raise ExpressionError
    return Expression(_Parser(source, flags), flags)


class Expression:
    """A compiled expression."""

    def __init__(self, parser: _Parser, flags: str) -> None:
        self.group_count = 0
        self._program = Program()
        node = parser.parse()
        self.group_count = parser.group_count
        node.write(self._program)
        _emit(self._program, Instruction("match"))
        self._is_sticky = "y" in flags
        self._is_anchored = self._is_sticky or _begins_at_start(self._program)

    @property
    def size(self) -> int:
        """How many instructions it has."""
        return self._program.size.total

    def matches(self, text: str, everywhere: bool, budget: Budget) -> list[Captures]:
        """The first match, or all of them; the first pair is the match itself.

        Raises:
            StepLimitError: it takes more than ``MAX_STEPS``.
            BodyTooLarge: it takes more than the budget has left.
        """
        search = _Search(text, min(MAX_STEPS, budget.left))
        try:
            return self._matches(search, everywhere)
        finally:
            budget.charge(search.used)

    def _matches(self, search: _Search, everywhere: bool) -> list[Captures]:
        result: list[Captures] = []
        text = search.text
        at = 0
        while at <= len(text):
            match = self._next(search, at)
            if match is None:
                break
            result.append(match)
            if not everywhere:
                break
            at = match[1] + (match[1] == match[0])
        return result

    def _next(self, search: _Search, begin: int) -> Captures | None:
        seen: set[int] = set()
        search.left -= self.group_count
        none = (-1,) * (2 * self.group_count)
        last = begin if self._is_sticky else len(search.text)
        if self._is_anchored and not self._is_sticky:
            last = 0
        for start in range(begin, last + 1):
            match = search.run(self._program, start, none, seen)
            if match is not None:
                return (start, *match)
        return None


def _begins_at_start(program: Program) -> bool:
    """Whether the expression can match at the very beginning only."""
    first = next((step for step in program.steps if step.name != "save"), None)
    return first is not None and first.name == "text-start"


def _emit(program: Program, instruction: Instruction) -> int:
    program.size.total += 1
    if program.size.total > MAX_PROGRAM:
        raise ExpressionTooLargeError
    program.steps.append(instruction)
    return len(program.steps) - 1


def _captured(step: Instruction, place: int, groups: Captures) -> Captures:
    """The groups after a begin or an end of one was noted, or some were forgotten."""
    if step.name == "save":
        return (*groups[: step.first], place, *groups[step.first + 1 :])
    if step.name == "clear":
        width = step.second - step.first
        return (*groups[: step.first], *(-1,) * width, *groups[step.second :])
    return groups


class _Search:
    """One search in one text."""

    def __init__(self, text: str, limit: int) -> None:
        self.text = text
        self.limit = limit
        self.left = limit

    @property
    def used(self) -> int:
        """The steps taken so far."""
        return self.limit - self.left

    def run(
        self, program: Program, start: int, captures: Captures, seen: set[int], end: int = -1
    ) -> Captures | None:
        """The end and the groups of a match that begins at a place, and ends at another if that is given."""
        steps, size, text = program.steps, len(program.steps), self.text
        stack = [(0, start, captures)]
        while stack:
            at, place, groups = stack.pop()
            while True:
                step = steps[at]
                self.left -= step.cost
                if self.left < 0:
                    raise StepLimitError
                name = step.name
                if name == "set" and place < len(text) and text[place] in step.accepts:
                    place += 1
                    at += 1
                elif name == "split" and place * size + at not in seen:
                    if not program.has_backreference:
                        seen.add(place * size + at)
                    stack.append((step.second, place, groups))
                    at = step.first
                elif name == "match" and end in (-1, place):
                    return (place, *groups)
                else:
                    after = self._step(step, place, groups)
                    if after is None:
                        break
                    place, groups = after
                    at = step.first if name == "jump" else at + 1
        return None

    def _step(self, step: Instruction, place: int, groups: Captures) -> tuple[int, Captures] | None:
        """Place and groups after a step; None where it fails."""
        if step.name in ("set", "split", "match"):
            return None
        if step.name == "jump":
            return place, groups
        if step.name in ("save", "clear"):
            self.left -= len(groups) // 2
            return place, _captured(step, place, groups)
        if step.name == "back":
            begin, end = groups[step.first], groups[step.first + 1]
            part = self.text[begin:end] if min(begin, end) >= 0 else ""
            after = place + len(part)
            return (after, groups) if self._same(part, place, step.is_negated) else None
        if step.inner is not None:
            self.left -= len(groups) // 2
            match = self._look(step.inner, step, place, groups)
            if step.is_negated:
                return (place, groups) if match is None else None
            return None if match is None else (place, match)
        return (place, groups) if self._holds(step.name, place) else None

    def _same(self, part: str, place: int, ignores_case: bool) -> bool:
        other = self.text[place : place + len(part)]
        self.left -= len(part)
        if not ignores_case:
            return part == other
        return len(part) == len(other) and all(
            a in _case_forms(b) for a, b in zip(part, other, strict=True)
        )

    def _look(
        self, inner: Program, step: Instruction, place: int, groups: Captures
    ) -> Captures | None:
        """The groups after a look ahead (``first`` is 0) or behind."""
        starts = range(place, max(-1, place - MAX_BEHIND - 1), -1) if step.first else (place,)
        for start in starts:
            match = self.run(inner, start, groups, set(), place if step.first else -1)
            if match is not None:
                return match[1:]
        return None

    def _holds(self, name: str, place: int) -> bool:
        text = self.text
        if name == "text-start":
            return place == 0
        if name == "text-end":
            return place == len(text)
        if name == "line-start":
            return place == 0 or text[place - 1] in _LINE_ENDS
        if name == "line-end":
            return place == len(text) or text[place] in _LINE_ENDS
        before = place > 0 and text[place - 1] in _WORD
        after = place < len(text) and text[place] in _WORD
        return (before != after) == (name == "boundary")


class _Parser:
    """Reads an expression once, from the left."""

    def __init__(self, source: str, flags: str) -> None:
        self.source = source
        self.at = 0
        self.group_count = 0
        self.names: dict[str, int] = {}
        self._depth = 0
        self._ignores_case = "i" in flags
        self._is_multiline = "m" in flags
        self._dot_takes_all = "s" in flags
        self._has_properties = "u" in flags or "v" in flags

    def parse(self) -> Node:
        """The whole expression."""
        node = self._alternatives()
        if self.at < len(self.source):
            raise ExpressionError
        return node

    def _accept(self, text: str) -> bool:
        if self.source.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def _alternatives(self) -> Node:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise ExpressionError
        begin = self.group_count
        options = [self._sequence()]
        while self._accept("|"):
            options.append(self._sequence())
        self._depth -= 1
        return Node(lambda program: _write_options(program, options), (begin, self.group_count))

    def _sequence(self) -> list[Node]:
        nodes: list[Node] = []
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            nodes.append(self._repeated(*self._item()))
        return nodes

    def _repeated(self, node: Node, may_repeat: bool) -> Node:
        least, most = self._count()
        if (least, most) == (1, 1):
            return node
        if not may_repeat or (most is not None and most < least):
            raise ExpressionError
        is_greedy = not self._accept("?")
        return Node(
            lambda program: _write_repeat(program, node, least, most, is_greedy), node.groups
        )

    def _count(self) -> tuple[int, int | None]:
        """How often at least and at most; once where nothing is said. ``x{1}`` is said as nothing."""
        for sign, count in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._accept(sign):
                return count
        match = _COUNT.match(self.source, self.at)
        if match is None:
            return (1, 1)
        self.at = match.end()
        least = int(match[1])
        if match[2] is None:
            counts: tuple[int, int | None] = (least, least)
        else:
            counts = (least, int(match[3]) if match[3] else None)
        if counts == (1, 1):
            self._accept("?")
        return counts

    def _item(self) -> tuple[Node, bool]:
        """The next item, and whether it may be repeated."""
        here = self.source[self.at]
        if here == "(":
            return self._group()
        self.at += 1
        if here in "*+?":
            raise ExpressionError
        if here == "^":
            return self._step("line-start" if self._is_multiline else "text-start"), False
        if here == "$":
            return self._step("line-end" if self._is_multiline else "text-end"), False
        if here == ".":
            ends = frozenset() if self._dot_takes_all else _LINE_ENDS
            return self._set([lambda char: char not in ends]), True
        if here == "[":
            return self._class(), True
        if here == "\\":
            return self._escape()
        return self._set([_equals(here)]), True

    def _step(self, name: str) -> Node:
        at = self.group_count
        return Node(lambda program: _discard(_emit(program, Instruction(name))), (at, at))

    def _set(self, tests: list[Test], is_negated: bool = False) -> Node:
        accepts = CharacterSet(tests, is_negated, self._ignores_case)
        cost = 1 + len(tests) // _TESTS_PER_STEP
        at = self.group_count
        return Node(
            lambda program: _discard(
                _emit(program, Instruction("set", accepts=accepts, cost=cost))
            ),
            (at, at),
        )

    def _group(self) -> tuple[Node, bool]:
        begin = self.group_count
        match = _OPEN.match(self.source, self.at)
        if match is None and self.source.startswith("(?", self.at):
            raise ExpressionError
        self.at = match.end() if match else self.at + 1
        sign = match[1] if match else ""
        if sign == "":
            if match:
                self._name_group()
            self.group_count += 1
        inside = self._alternatives()
        if not self._accept(")"):
            raise ExpressionError
        groups = (begin, self.group_count)
        if sign == ":":
            return Node(inside.write, groups), True
        if sign == "":
            return Node(lambda program: _write_group(program, inside, begin), groups), True
        return Node(lambda program: _write_look(program, inside, sign), groups), False

    def _name_group(self) -> None:
        name = _NAME.match(self.source, self.at)
        if name is None or name[1] in self.names:
            raise ExpressionError
        self.names[name[1]] = self.group_count
        self.at = name.end()

    def _escape(self) -> tuple[Node, bool]:
        if self.at >= len(self.source):
            raise ExpressionError
        here = self.source[self.at]
        if here in "bB":
            self.at += 1
            return self._step("boundary" if here == "b" else "no-boundary"), False
        if here in "123456789":
            self.at += 1
            return self._backreference(int(here) - 1), True
        if here == "k":
            name = _NAME.match(self.source, self.at + 1)
            if name is None or name[1] not in self.names:
                raise ExpressionError
            self.at = name.end()
            return self._backreference(self.names[name[1]]), True
        return self._set([self._character_test()]), True

    def _backreference(self, group: int) -> Node:
        if group >= self.group_count:
            raise ExpressionError
        at, ignores_case = self.group_count, self._ignores_case
        return Node(lambda program: _write_back(program, group, ignores_case), (at, at))

    def _character_test(self) -> Test:
        """The test of an escape, from the letter after the backslash on."""
        here = self.source[self.at]
        members = _CLASSES.get(here.lower())
        if members is not None:
            self.at += 1
            return _member(members, here.isupper())
        if here in "pP" and self._has_properties:
            match = _CATEGORY.match(self.source, self.at + 1)
            if match is None or match[1] not in _CATEGORIES:
                raise ExpressionError
            self.at = match.end()
            return _category(match[1], here == "P")
        return _equals(self._character())

    def _character(self) -> str:
        """The character of an escape."""
        here = self.source[self.at]
        match = _HEX.match(self.source, self.at)
        if match is not None:
            self.at = match.end()
            code = int(match[1] or match[2] or match[3], 16)
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                raise ExpressionError
            return chr(code)
        self.at += 1
        if here in _CONTROL:
            if here == "0" and self.source[self.at : self.at + 1] in _DIGITS:
                raise ExpressionError
            return _CONTROL[here]
        if here in _WORD and here != "_":
            raise ExpressionError
        return here

    def _class(self) -> Node:
        is_negated = self._accept("^")
        tests: list[Test] = []
        while not self._accept("]"):
            low = self._class_item()
            if self.source.startswith("-", self.at) and self.source[
                self.at + 1 : self.at + 2
            ] not in ("]", ""):
                self.at += 1
                high = self._class_item()
                if not isinstance(low, str) or not isinstance(high, str) or low > high:
                    raise ExpressionError
                tests.append(_between(low, high))
            else:
                tests.append(_equals(low) if isinstance(low, str) else low)
        return self._set(tests, is_negated)

    def _class_item(self) -> str | Test:
        """A character, or the test of a class such as ``\\d``."""
        if self.at >= len(self.source):
            raise ExpressionError
        here = self.source[self.at]
        self.at += 1
        if here != "\\":
            return here
        if self.at >= len(self.source):
            raise ExpressionError
        letter = self.source[self.at]
        if letter == "b":
            self.at += 1
            return "\b"
        if letter.lower() in _CLASSES or (letter in "pP" and self._has_properties):
            return self._character_test()
        return self._character()


def _discard(_: object) -> None:
    """Makes an expression of a statement."""


def _equals(char: str) -> Test:
    return lambda other: other == char


def _between(low: str, high: str) -> Test:
    return lambda char: low <= char <= high


def _member(members: frozenset[str], is_negated: bool) -> Test:
    return lambda char: (char in members) != is_negated


def _category(name: str, is_negated: bool) -> Test:
    return lambda char: unicodedata.category(char).startswith(name) != is_negated


def _write_all(program: Program, nodes: list[Node]) -> None:
    for node in nodes:
        node.write(program)


def _write_options(program: Program, options: list[list[Node]]) -> None:
    ends: list[int] = []
    for option in options[:-1]:
        split = _emit(program, Instruction("split"))
        _write_all(program, option)
        ends.append(_emit(program, Instruction("jump")))
        program.steps[split] = Instruction("split", split + 1, len(program.steps))
    _write_all(program, options[-1])
    for end in ends:
        program.steps[end] = Instruction("jump", len(program.steps))


def _write_repeat(
    program: Program, node: Node, least: int, most: int | None, is_greedy: bool
) -> None:
    begin, end = node.groups

    def write_once() -> None:
        if end > begin:
            _emit(program, Instruction("clear", 2 * begin, 2 * end))
        node.write(program)

    def split(at: int, after: int) -> None:
        ways = (at + 1, after) if is_greedy else (after, at + 1)
        program.steps[at] = Instruction("split", *ways)

    for _ in range(least):
        write_once()
    if most is None:
        loop = _emit(program, Instruction("split"))
        write_once()
        _emit(program, Instruction("jump", loop))
        split(loop, len(program.steps))
        return
    splits = []
    for _ in range(most - least):
        splits.append(_emit(program, Instruction("split")))
        write_once()
    for at in splits:
        split(at, len(program.steps))


def _write_group(program: Program, inside: Node, group: int) -> None:
    _emit(program, Instruction("save", 2 * group))
    inside.write(program)
    _emit(program, Instruction("save", 2 * group + 1))


def _write_look(program: Program, inside: Node, sign: str) -> None:
    inner = Program(size=program.size)
    inside.write(inner)
    _emit(inner, Instruction("match"))
    is_behind = sign.startswith("<")
    _emit(
        program,
        Instruction("look", int(is_behind), inner=inner, is_negated=sign.endswith("!")),
    )


def _write_back(program: Program, group: int, ignores_case: bool) -> None:
    program.has_backreference = True
    _emit(program, Instruction("back", 2 * group, is_negated=ignores_case))
