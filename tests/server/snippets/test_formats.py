"""Files of VS Code and Elyra are read as they are written there, and nothing is lost on the way out and in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from orrery_server.snippets import formats
from orrery_server.snippets.formats.relaxed_json import parse
from orrery_server.snippets.schemas import ExportFormat, ImportProblem, SnippetFile
from orrery_wire.names import Tag, Title
from orrery_wire.snippets import SnippetContent

LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


def obeys(rule: Any) -> Callable[[str], bool]:
    """Whether a text is what a rule of names makes of it."""
    adapter = TypeAdapter(rule)

    def check(text: str) -> bool:
        try:
            return bool(adapter.validate_python(text) == text)
        except ValidationError:
            return False

    return check


NAME = LINE.map(str.strip).filter(obeys(Title))
TAG = LINE.map(str.strip).filter(obeys(Tag))
SOURCE = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
CONTENT = st.builds(
    SnippetContent,
    name=NAME,
    description=SOURCE,
    language=st.sampled_from(["python", "r", "sql", "cpp", "c++", "shellscript", "markdown"]),
    tags=st.lists(TAG, max_size=3).map(tuple),
    prefixes=st.lists(
        st.from_regex(r"\A[a-z$\"\\é,]([a-z$\"\\é, ]{0,60}[a-z$\"\\é,])?\Z"), max_size=3
    ).map(tuple),
    other_languages=st.lists(
        st.sampled_from(["julia", "lua", "shell"]), max_size=2, unique=True
    ).map(tuple),
    syntax=st.sampled_from(["plain", "vscode"]),
    cells=st.lists(
        st.fixed_dictionaries(
            {"kind": st.sampled_from(["code", "markdown", "raw"]), "source": SOURCE}
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
)


def read(
    text: str, name: str = "some.code-snippets"
) -> tuple[list[SnippetContent], list[ImportProblem]]:
    """The snippets of a file, and what in it could not be read or was changed."""
    result = formats.read(SnippetFile(name=name, content=text))
    return result.contents, [*result.problems, *result.notes]


@settings(deadline=None)
@given(st.lists(CONTENT, min_size=1, max_size=4), st.sampled_from(["code-snippets", "elyra"]))
def test_what_is_exported_is_imported_unchanged(
    contents: list[SnippetContent], format: ExportFormat
) -> None:
    back = []
    for file in formats.write(contents, format):
        good, bad = read(file.content, file.name)
        assert bad == []
        back += good
    assert back == contents


def test_a_file_of_vs_code_is_read() -> None:
    good, bad = read(
        """// mine
        {
          /* a loop */
          "For": {
            "prefix": ["for", "for-const"],
            "body": ["for (const ${2:element} of ${1:array}) {", "\\t$0", "}"],
            "description": "A // loop, really",
            "scope": "javascript,typescript",
          },
        }"""
    )
    assert bad == []
    (found,) = good
    assert found.name == "For"
    assert found.prefixes == ("for", "for-const")
    assert found.languages == ("javascript", "typescript")
    assert found.syntax == "vscode"
    assert found.description == "A // loop, really"
    assert found.cells[0].source == "for (const ${2:element} of ${1:array}) {\n\t$0\n}"


@pytest.mark.parametrize(
    ("file", "language"),
    [
        ("python.json", "python"),
        ("r.json", "r"),
        ("mine.json", "python"),
        ("x.code-snippets", "python"),
    ],
)
def test_a_file_of_one_language_is_named_after_it(file: str, language: str) -> None:
    assert read('{"A": {"body": "x"}}', file)[0][0].language == language


@pytest.mark.parametrize(("spoken", "language"), [("Python", "python"), ("R", "r"), ("C++", "cpp")])
def test_a_snippet_of_elyra_is_read(spoken: str, language: str) -> None:
    meta = {"language": spoken, "code": ["a", "b"], "tags": ["x"], "description": "why"}
    text = json.dumps({"schema_name": "code-snippet", "display_name": "Mine", "metadata": meta})
    (found,), bad = read(text, "mine.json")
    assert bad == []
    assert (found.name, found.language, found.tags) == ("Mine", language, ("x",))
    assert (found.syntax, found.cells[0].source) == ("plain", "a\nb")


def test_a_body_for_vs_code_expands_to_the_plain_text() -> None:
    plain = SnippetContent.model_validate(
        {"name": "A", "cells": [{"source": "f'${x}' + '\\\\n' # }"}], "syntax": "plain"}
    )
    (file,) = formats.write([plain], "code-snippets")
    assert json.loads(file.content)["A"]["body"] == ["f'\\${x\\}' + '\\\\\\\\n' # \\}"]


def test_a_bad_snippet_does_not_hide_the_good_ones() -> None:
    good, bad = read('{"A": {"body": "x"}, "B": {}, "C": {"body": 5}, "D": 3, "": {"body": "y"}}')
    assert [one.name for one in good] == ["A"]
    assert {one.name: one.reason for one in bad}.keys() == {"B", "C", "D", ""}
    assert all(one.reason for one in bad)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", "nonsense", '{"a": ' * 5_000])
def test_what_is_no_file_of_snippets_is_told(text: str) -> None:
    good, bad = read(text)
    assert good == []
    assert len(bad) == 1
    assert bad[0].reason


@pytest.mark.parametrize(
    "text", ["/*" * 200_000, '\\"' * 200_000, '"a' * 200_001, "," * 400_000, "//" * 200_000]
)
def test_no_text_takes_long(text: str) -> None:
    before = time.process_time()
    read(text)
    assert time.process_time() - before < 2


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_is_read_as_json(value: Any) -> None:
    text = json.dumps(value)
    assert parse(text).value == value
    assert parse("/* a */ " + text + " // b").value == value
