"""The rules for texts that name something, once for hub, server and clients: user names, slugs, ids, titles.

A name that stands in an address must not be able to change it: HTTP clients remove the segments ``.`` and ``..``, also
when they are percent-encoded, so that ``members/..`` becomes another request. A name that a person reads must not hold
what nobody sees: two names that look the same would be two things.

The patterns use no look-around and only escapes that Python, Rust (pydantic) and ECMAScript (OpenAPI clients) share.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, TypeVar
from urllib.parse import quote

from pydantic import BeforeValidator, StringConstraints

from orrery_wire.errors import Invalid

T = TypeVar("T")
_Ranges = Sequence[tuple[int, int]]

_ASCII: _Ranges = ((0x00, 0x7F),)
_SLASH: _Ranges = ((0x2F, 0x2F),)
_DOT: _Ranges = ((0x2E, 0x2E),)
_BLANK: _Ranges = (
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
)
_CONTROL: _Ranges = ((0x00, 0x1F), (0x7F, 0x9F), (0x2028, 0x2029))
# Zero-width joiner and non-joiner: spelling in Persian and in Indic scripts, and what ties an emoji together.
_JOINER: _Ranges = ((0x200C, 0x200D),)
_VARIATION: _Ranges = ((0xFE00, 0xFE0F),)
# Unicode's Default_Ignorable_Code_Point without joiners and variation selectors, annotations, and the empty Braille
# cell: bidirectional controls, zero-width blanks, fillers, shorthand and musical formats, tags.
_INVISIBLE: _Ranges = (
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200B),
    (0x200E, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
_HIDDEN: _Ranges = (*_CONTROL, *_INVISIBLE, *_JOINER, *_VARIATION)


def _none_of(*groups: _Ranges) -> str:
    """A character class of everything but some ranges of code points."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(pair for group in groups for pair in group):
        if merged and first <= merged[-1][1] + 1:
            first, last = merged[-1][0], max(last, merged.pop()[1])
        merged.append((first, last))
    pieces = (
        _escaped(first) if first == last else f"{_escaped(first)}-{_escaped(last)}"
        for first, last in merged
    )
    return f"[^{''.join(pieces)}]"


def _escaped(code: int) -> str:
    # ECMAScript and Rust have no common escape for a code point beyond FFFF; the character itself is common.
    return f"\\u{code:04x}" if code <= 0xFFFF else chr(code)


def _title_pattern(plain: str) -> str:
    """A text of ``plain`` characters and of others; a joiner stands only between two that are not ASCII."""
    script = _none_of(_ASCII, _CONTROL, _INVISIBLE, _JOINER)
    joiner = f"[{_escaped(0x200C)}{_escaped(0x200D)}]"
    return f"^(?:{plain}|{script}(?:{joiner}{script})*)+$"


_LETTER = _none_of(_SLASH, _HIDDEN)
_EDGE = _none_of(_SLASH, _HIDDEN, _BLANK)
# Begins with dots at most and goes on with something else: a name of dots alone is no name.
_NAME = rf"\.*{_none_of(_SLASH, _HIDDEN, _BLANK, _DOT)}(?:{_LETTER}*{_EDGE})?"

USER_NAME = f"^{_NAME}$"
SERVER_NAME = f"^(?:{_NAME})?$"
SEGMENT = rf"^\.*{_none_of(_SLASH, _HIDDEN, _DOT)}{_LETTER}*$"
SLUG = r"^[a-z0-9][a-z0-9-]{0,62}$"
# They stand for something else where a project's short name stands in an address.
RESERVED_SLUGS = frozenset({"current", "home"})
IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$"
TITLE = _title_pattern(r"[ -~]")
TAG = _title_pattern(r"[ -+\--~]")
_SEEN = _none_of(_HIDDEN, _BLANK)
PREFIX = f"^{_SEEN}(?:{_none_of(_HIDDEN)}*{_SEEN})?$"

_VISIBLE = re.compile(_none_of(_HIDDEN))


def is_invisible(character: str) -> bool:
    """Whether a text can hold a character unseen: controls but tab and line end, bidirectional signs, joiners, fillers."""
    return character not in "\t\n\r" and not _VISIBLE.match(character)


class _Refusal:
    """Refuses a text that breaks a pattern, in words: a pattern explains nothing to a person."""

    def __init__(self, pattern: str, words: str) -> None:
        self._pattern = re.compile(pattern)
        self._words = words

    def __call__(self, value: T) -> T:
        text = value.strip() if isinstance(value, str) else ""
        # What is empty, and what has blanks around it, is for the type's other constraints.
        if text and not self._pattern.fullmatch(text):
            hidden = next((c for c in text if not _VISIBLE.match(c)), None)
            raise ValueError(
                self._words if hidden is None else f"U+{ord(hidden):04X} in it cannot be seen"
            )
        return value


def _not_blank_at_its_ends(value: T) -> T:
    if isinstance(value, str) and value != value.strip():
        raise ValueError("it begins or ends with a blank")
    return value


UserName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, pattern=USER_NAME),
    BeforeValidator(_Refusal(USER_NAME, "no user has a name of dots alone, or with a slash")),
    BeforeValidator(_not_blank_at_its_ends),
]
ServerName = Annotated[
    str,
    StringConstraints(max_length=255, pattern=SERVER_NAME),
    BeforeValidator(_Refusal(SERVER_NAME, "no server has a name of dots alone, or with a slash")),
    BeforeValidator(_not_blank_at_its_ends),
]
Segment = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, pattern=SEGMENT),
    BeforeValidator(_Refusal(SEGMENT, "nothing has a name of dots alone, or with a slash")),
]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
Title = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120, strip_whitespace=True, pattern=TITLE),
    BeforeValidator(_Refusal(TITLE, "it holds what cannot be in a name")),
]
Tag = Annotated[
    str,
    StringConstraints(min_length=1, max_length=48, strip_whitespace=True, pattern=TAG),
    BeforeValidator(_Refusal(TAG, "a tag holds no comma")),
]
Prefix = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, pattern=PREFIX),
    BeforeValidator(_Refusal(PREFIX, "a prefix is one line of what can be seen")),
    BeforeValidator(_not_blank_at_its_ends),
]

_USER_NAME = re.compile(USER_NAME)


def is_user_name(name: str) -> bool:
    """Whether a name obeys the rule of user names."""
    return len(name) <= 255 and _USER_NAME.fullmatch(name) is not None


def normalize_user_name(name: str) -> str:
    """The name as JupyterHub makes it at log-in, but for its ``username_map``: in small letters."""
    return name.lower()


def path_of(*segments: str) -> str:
    """Segments as a relative address; none of them can lead elsewhere.

    Raises:
        Invalid: a segment is empty, ``.`` or ``..``, which no encoding keeps from being resolved.
    """
    for segment in segments:
        if segment in ("", ".", ".."):
            raise Invalid(
                f"{segment!r} cannot be a name in an address",
                reason="It would make the request another one.",
                remedy="Check the name.",
            )
    return "/".join(quote(segment, safe="") for segment in segments)
