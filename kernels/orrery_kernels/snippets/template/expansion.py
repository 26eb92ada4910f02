"""The text of a snippet body with values in the places of its stops and variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from orrery_kernels.errors import BodyTooLarge
from orrery_kernels.snippets.template.budget import NODE_STEPS, Budget
from orrery_kernels.snippets.template.grammar import Node, StopNode, VariableNode, parse

KNOWN = frozenset(
    (
        "BLOCK_COMMENT_END",
        "BLOCK_COMMENT_START",
        "CLIPBOARD",
        "CURRENT_DATE",
        "CURRENT_DAY_NAME",
        "CURRENT_DAY_NAME_SHORT",
        "CURRENT_HOUR",
        "CURRENT_MINUTE",
        "CURRENT_MONTH",
        "CURRENT_MONTH_NAME",
        "CURRENT_MONTH_NAME_SHORT",
        "CURRENT_SECOND",
        "CURRENT_SECONDS_UNIX",
        "CURRENT_TIMEZONE_OFFSET",
        "CURRENT_YEAR",
        "CURRENT_YEAR_SHORT",
        "CURSOR_INDEX",
        "CURSOR_NUMBER",
        "DATAFRAME",
        "DATASET",
        "LAKE",
        "LINE_COMMENT",
        "MLFLOW_TRACKING_URI",
        "PROJECT",
        "RANDOM",
        "RANDOM_HEX",
        "RELATIVE_FILEPATH",
        "SELECTION",
        "TM_CURRENT_LINE",
        "TM_CURRENT_WORD",
        "TM_DIRECTORY",
        "TM_FILENAME",
        "TM_FILENAME_BASE",
        "TM_FILEPATH",
        "TM_LINE_INDEX",
        "TM_LINE_NUMBER",
        "TM_SELECTED_TEXT",
        "USER",
        "UUID",
        "WORKSPACE_FOLDER",
        "WORKSPACE_NAME",
    )
)
MAX_TEXT = 2_000_000
# Mirrors of mirrors of defaults go no deeper; what is beyond stays empty.
MAX_WRITE_DEPTH = 100

_INDENTED = frozenset({"SELECTION", "TM_SELECTED_TEXT"})
_LEADING = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Stop:
    """A tab stop of the expanded text; ranges are ``[from, to)`` in UTF-16 units, as an editor counts."""

    n: int
    default: str
    choices: tuple[str, ...] | None
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Indent:
    """The white space that the present line begins with."""

    text: str
    is_open: bool
    """Whether there is nothing else in the line so far."""

    def after(self, text: str) -> _Indent:
        """The indent once a text is written."""
        _, newline, line = text.rpartition("\n")
        if not newline and not self.is_open:
            return self
        leading = _LEADING.match(line)
        blanks = leading[0] if leading else ""
        return _Indent(("" if newline else self.text) + blanks, len(blanks) == len(line))


@dataclass(frozen=True, slots=True)
class Expansion:
    """The text of a body and its stops, 1..N and then 0."""

    text: str
    stops: tuple[Stop, ...]


def escape(text: str) -> str:
    """A body that expands to exactly this text."""
    return re.sub(r"[\\$}]", r"\\\g<0>", text)


def expand(
    body: str,
    variables: Mapping[str, str] | None = None,
    values: Mapping[int, str] | None = None,
    budget: Budget | None = None,
) -> Expansion:
    """The text with ``values`` for stops by number, and defaults for the others.

    Bodies that are expanded together share a ``budget``.

    Raises:
        BodyTooLarge: the text would have more than ``MAX_TEXT`` UTF-16 units, or takes too many steps.
    """
    budget = budget or Budget()
    writer = _Writer(parse(body, budget), variables or {}, values or {}, budget)
    return writer.expansion()


def _walk(nodes: tuple[Node, ...]) -> Iterator[StopNode | VariableNode]:
    for node in nodes:
        if not isinstance(node, str):
            yield node
            yield from _walk(node.children)


class _Writer:
    """Writes nodes and notes where the stops lie."""

    def __init__(
        self,
        nodes: tuple[Node, ...],
        variables: Mapping[str, str],
        values: Mapping[int, str],
        budget: Budget,
    ) -> None:
        self.nodes = nodes
        self.budget = budget
        self.variables = variables
        self.values = values
        self.out: list[str] = []
        self.at = 0
        self.indent = _Indent("", True)
        self.depth = 0
        self.is_silent = False
        self.ranges: dict[int, list[tuple[int, int]]] = {}
        self.choices: dict[int, tuple[str, ...]] = {}
        self.first: dict[int, str] = {}
        self.sources: dict[int, StopNode] = {}
        self.unknown: dict[str, int] = {}
        self.active: set[int] = set()
        stops = [node for node in _walk(nodes) if isinstance(node, StopNode)]
        self.highest = max((stop.number for stop in stops), default=0)
        for stop in stops:
            if stop.gives_default:
                self.sources.setdefault(stop.number, stop)

    def expansion(self) -> Expansion:
        """The text written so far."""
        self._nodes(self.nodes)
        self.ranges.setdefault(0, [(self.at, self.at)])
        self.first.setdefault(0, "")
        stops = tuple(
            Stop(n, self.first[n], self.choices.get(n), tuple(self.ranges[n]))
            for n in sorted(self.ranges, key=lambda n: (n == 0, n))
        )
        return Expansion("".join(self.out), stops)

    def _nodes(self, nodes: tuple[Node, ...]) -> None:
        if self.depth > MAX_WRITE_DEPTH:
            return
        self.depth += 1
        for node in nodes:
            if isinstance(node, str):
                self._text(node)
                continue
            self.budget.charge(NODE_STEPS)
            if isinstance(node, StopNode):
                self._stop(node)
            else:
                self._variable(node)
        self.depth -= 1

    def _text(self, text: str) -> None:
        self.at += len(text) + (0 if text.isascii() else sum(char > "\uffff" for char in text))
        self._require_room(0)
        self.out.append(text)
        self.indent = self.indent.after(text)

    def _require_room(self, length: int) -> None:
        if self.at + length > MAX_TEXT:
            raise BodyTooLarge(f"The snippet would have more than {MAX_TEXT:,} characters")

    def _stop(self, node: StopNode) -> None:
        number = node.number
        # A stop inside itself could never come to rest.
        if number in self.active:
            return
        source = self.sources.get(number, node)
        if node.transform is None:
            self._field(number, source.options, lambda: self._content(number, source))
            return
        transform = node.transform
        self._field(
            number,
            source.options,
            lambda: self._text(
                transform.apply(self._aside(lambda: self._content(number, source)), self.budget)
            ),
        )

    def _field(self, number: int, options: tuple[str, ...], write: Callable[[], None]) -> None:
        """Write one place of a stop."""
        if self.is_silent:
            write()
            return
        places = self.ranges.setdefault(number, [])
        place = len(places)
        places.append((self.at, self.at))
        if options:
            self.choices.setdefault(number, options)
        begin, start = len(self.out), self.at
        write()
        places[place] = (start, self.at)
        if place == 0:
            self.first[number] = "".join(self.out[begin:])

    def _content(self, number: int, source: StopNode) -> None:
        if number in self.values:
            self._text(self.values[number])
        elif source.options:
            self._text(source.options[0])
        else:
            self.active.add(number)
            self._nodes(source.children)
            self.active.discard(number)

    def _aside(self, write: Callable[[], None]) -> str:
        """What would be written, without its stops."""
        begin, start, was_silent = len(self.out), self.at, self.is_silent
        indent = self.indent
        self.is_silent = True
        write()
        self.is_silent = was_silent
        written = "".join(self.out[begin:])
        del self.out[begin:]
        self.at, self.indent = start, indent
        return written

    def _variable(self, node: VariableNode) -> None:
        value = self.variables.get(node.name, "")
        if node.transform is not None:
            self._text(node.transform.apply(value, self.budget))
        elif value:
            self._text(self._indented(value) if node.name in _INDENTED else value)
        elif node.has_default:
            self._nodes(node.children)
        elif node.name not in KNOWN:
            number = self.unknown.setdefault(node.name, self.highest + len(self.unknown) + 1)
            self._field(number, (), lambda: self._text(self.values.get(number, node.name)))

    def _indented(self, value: str) -> str:
        """Later lines of a selection take the white space that the present line begins with."""
        self._require_room(value.count("\n") * len(self.indent.text))
        return value.replace("\n", "\n" + self.indent.text)
