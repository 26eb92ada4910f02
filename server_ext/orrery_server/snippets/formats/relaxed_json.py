"""JSON as people write it: with comments, trailing commas and tabs in texts, and with the line of every part."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from json import JSONDecodeError
from typing import NamedTuple

_TOKENS = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|/\*(?:.*?\*/|.*)|[^"/,\s]+|\s+|.', re.DOTALL)
_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"', re.DOTALL)
_BLANK = re.compile(r"[ \t\n\r]*")
_NO_BREAK = re.compile(r"[^\n]")
_DECODER = json.JSONDecoder(strict=False)


class Node(NamedTuple):
    """A value, the line that it begins in, and what is in it down to the depth that was asked for."""

    value: object
    line: int
    members: tuple[tuple[str, Node], ...] = ()
    """In the order of the text; a key that is there twice is in it twice."""


def parse(text: str, depth: int = 1) -> Node:
    """The value of a text, in time that grows with its length only.

    Raises:
        JSONDecodeError: it is no JSON; ``lineno`` is the line of the text as it was given.
        RecursionError: it is nested too deep.
    """
    text = text.removeprefix("\ufeff")
    try:
        return _Reader(text).read(depth)
    except JSONDecodeError:
        return _Reader(_without_comments(text)).read(depth)


def _without_comments(text: str) -> str:
    """The text with blanks for comments and for commas that nothing follows: every character keeps its place."""
    pieces: list[str] = []
    comma: int | None = None
    at = 0
    for piece in _TOKENS.findall(text):
        if piece.startswith(("//", "/*")) or piece.isspace():
            pieces.append(_NO_BREAK.sub(" ", piece))
        else:
            if piece[0] == '"' and not _TEXT.fullmatch(piece):
                raise JSONDecodeError("A text has no closing quote", text, at)
            if comma is not None and piece[0] in "}]":
                pieces[comma] = " "
            comma = len(pieces) if piece == "," else None
            pieces.append(piece)
        at += len(piece)
    if comma is not None:
        pieces[comma] = " "
    return "".join(pieces)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._breaks = [match.start() for match in re.finditer("\n", text)]

    def read(self, depth: int) -> Node:
        """The whole text."""
        node, end = self._node(self._skip(0), depth)
        end = self._skip(end)
        if end != len(self._text):
            raise JSONDecodeError("There is something after the end", self._text, end)
        return node

    def _node(self, at: int, depth: int) -> tuple[Node, int]:
        if depth > 0 and self._text[at : at + 1] in ("{", "["):
            return self._members(at, depth)
        value, end = _DECODER.raw_decode(self._text, at)
        return Node(value, self._line(at)), end

    def _members(self, begin: int, depth: int) -> tuple[Node, int]:
        is_object = self._text[begin] == "{"
        closing = "}" if is_object else "]"
        members: list[tuple[str, Node]] = []
        at = self._skip(begin + 1)
        while members or self._text[at : at + 1] != closing:
            line, key = self._line(at), str(len(members))
            if is_object:
                key, at = self._key(at)
            node, at = self._node(at, depth - 1)
            members.append((key, node._replace(line=line)))
            at = self._skip(at)
            if self._text[at : at + 1] == closing:
                break
            at = self._expect(",", at)
        value: object = (
            {key: node.value for key, node in members}
            if is_object
            else [node.value for _, node in members]
        )
        return Node(value, self._line(begin), tuple(members)), at + 1

    def _key(self, at: int) -> tuple[str, int]:
        if self._text[at : at + 1] != '"':
            raise JSONDecodeError("A name in double quotes is missing", self._text, at)
        key, end = _DECODER.raw_decode(self._text, at)
        return str(key), self._expect(":", self._skip(end))

    def _expect(self, sign: str, at: int) -> int:
        if self._text[at : at + 1] != sign:
            raise JSONDecodeError(f"{sign!r} is missing", self._text, at)
        return self._skip(at + 1)

    def _skip(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return match.end() if match else at

    def _line(self, at: int) -> int:
        return bisect_left(self._breaks, at) + 1
