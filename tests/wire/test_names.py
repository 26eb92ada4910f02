"""One rule for what names something, the same in Python, in Rust and in ECMAScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from orrery_wire import names
from orrery_wire.errors import Invalid
from orrery_wire.projects import ProjectIn
from orrery_wire.snippets import SnippetContent, SnippetIn

INVISIBLE = "\u00ad\u034f\u061c\u115f\u17b4\u180e\u200b\u200e\u200f\u202a\u202e\u2060\u2066\u2069\u2800\u3164\ufeff\uffa0\ufff9\U0001d173\U000e0041\U000e0100"
CONTROL = "\x00\x01\t\n\r\x1b\x7f\x85\x9b\u2028\u2029"
ODD_NAMES = (
    ".",
    "..",
    "...",
    "",
    " ",
    "/",
    "a/b",
    "../a",
    " a",
    "a ",
    "\u00a0a",
    "a\u3000",
    "a" * 256,
)
FINE_NAMES = (
    "a",
    ".a",
    "a.",
    "..a",
    "a..b",
    "ann@x.org",
    "A b",
    "é",
    "日本",
    "%2e%2e",
    "a#?;",
    "a" * 255,
)


def takes(kind: Any, value: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "pattern", [names.USER_NAME, names.SEGMENT, names.TITLE, names.TAG, names.PREFIX]
)
def test_a_pattern_says_what_its_type_does(pattern: str) -> None:
    kinds = {
        names.USER_NAME: names.UserName,
        names.SEGMENT: names.Segment,
        names.TITLE: names.Title,
        names.TAG: names.Tag,
        names.PREFIX: names.Prefix,
    }
    schema = TypeAdapter(kinds[pattern]).json_schema()
    assert schema["pattern"] == pattern
    assert {"minLength", "maxLength"} <= schema.keys()
    hidden = [f"a{sign}b" for sign in INVISIBLE + CONTROL]
    for value in (*FINE_NAMES, *ODD_NAMES, *hidden):
        stripped = value.strip() if kinds[pattern] in (names.Title, names.Tag) else value
        matches = bool(re.fullmatch(pattern, stripped)) and len(stripped) <= schema["maxLength"]
        assert takes(kinds[pattern], value) == matches, value


def test_a_user_name_is_one_segment_and_seen() -> None:
    assert [name for name in FINE_NAMES if not takes(names.UserName, name)] == []
    assert [name for name in FINE_NAMES if not names.is_user_name(name)] == []
    for name in (*ODD_NAMES, *(f"a{sign}b" for sign in INVISIBLE + CONTROL + "\u200c\u200d\ufe0f")):
        assert not takes(names.UserName, name), name
        assert not names.is_user_name(name), name


@pytest.mark.parametrize("kind", [names.Title, names.Tag, names.Prefix])
def test_what_is_shown_as_a_name_holds_nothing_unseen(kind: Any) -> None:
    for sign in INVISIBLE + CONTROL:
        for text in (f"a{sign}b", f"日{sign}本"):
            assert not takes(kind, text), ascii(text)
    assert takes(kind, "Größe_日本")


def test_a_title_may_be_spelt_in_every_script() -> None:
    for title in ("می‌خواهم", "\U0001f469\u200d\U0001f52c", "❤️", "क्‍ष", "שלום", " P "):
        assert takes(names.Title, title), title
    for title in ("a\u200db", "a\u200c", "\u200d日", "日\u200d", "日\u200d\u200d本", "日\u200da"):
        assert not takes(names.Title, title), ascii(title)


def test_a_refusal_names_the_character() -> None:
    for build in (
        lambda: ProjectIn(slug="p", name="A\u200b"),
        lambda: SnippetIn(name="\u202eevil", cells=({"source": "1"},)),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValidationError, match=r"U\+20(0B|2E) in it cannot be seen"):
            build()


def test_what_an_older_rule_allowed_stays_readable() -> None:
    old = {"name": "A\u200b", "tags": ["b\u202e"], "prefix": "c\u2060", "cells": [{"source": "1"}]}
    assert SnippetContent.model_validate(old).name == "A\u200b"


def test_a_path_leads_nowhere_else() -> None:
    assert (
        names.path_of("a", "b/c", "d?e#f", "é", "%2e%2e", "...")
        == "a/b%2Fc/d%3Fe%23f/%C3%A9/%252e%252e/..."
    )
    for segment in ("", ".", ".."):
        with pytest.raises(Invalid):
            names.path_of("projects", "p", "members", segment)
