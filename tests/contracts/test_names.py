"""Names are the field's words: no pronoun and no participle stands for a thing that has a name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("wire", "engine", "hub", "server_ext", "kernels", "tools")
VAGUE = frozenset(
    [
        "one",
        "some",
        "told",
        "wanted",
        "found",
        "said",
        "kept",
        "asked",
        "made",
        "gone",
        "doors",
        "mend",
        "mends",
        "brood",
        "looks",
        "meant",
        "surroundings",
        "nothing",
    ]
)
TYPESCRIPT = re.compile(
    r"\b(?:const|let|function|class|interface|type)\s+(\w+)"  # declarations
    r"|[(,]\s*(\w+)\s*(?:\?)?:(?!:)"  # typed parameters and fields of a call's object
    r"|(?<![.\w])(\w+)\s*=>"  # an arrow function's only parameter
)


def names_of(text: str) -> Iterator[tuple[int, str]]:
    """Each name that Python code gives to something, with its line."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name


def typescript_names_of(text: str) -> Iterator[tuple[int, str]]:
    """Each name that TypeScript code declares, with its line."""
    for number, line in enumerate(text.splitlines(), 1):
        for match in TYPESCRIPT.finditer(line):
            yield number, next(name for name in match.groups() if name)


def is_vague(name: str) -> bool:
    """Whether a name is a word that says nothing of the thing."""
    return name.strip("_").lower() in VAGUE


def vague_names(text: str, *, typescript: bool = False) -> list[tuple[int, str]]:
    names = typescript_names_of(text) if typescript else names_of(text)
    return [(line, name) for line, name in names if is_vague(name)]


@pytest.mark.parametrize("package", PACKAGES)
def test_python_names_are_the_fields_words(package: str) -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in path.parts
        for line, name in vague_names(path.read_text("utf-8"))
    ]
    assert faults == []


def test_typescript_names_are_the_fields_words() -> None:
    sources = ROOT / "labextension" / "src"
    faults = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sorted(sources.rglob("*.ts*"))
        for line, name in vague_names(path.read_text("utf-8"), typescript=True)
    ]
    assert faults == []


@pytest.mark.parametrize(
    "code",
    [
        "def f(wanted: int) -> int: return wanted",
        "for one in range(3): pass",
        "class Kept: pass",
        "async def _told() -> None: pass",
        "(lambda found: found)(1)",
        "self._said = 1",
        "[x for some, x in pairs]",
    ],
)
def test_a_vague_name_in_python_is_seen(code: str) -> None:
    assert vague_names(code)


@pytest.mark.parametrize(
    "code",
    [
        "const told = 1;",
        "rows.map(one => one.id)",
        "function wanted(): void {}",
        "function f(kept: string): void {}",
        "interface Found {}",
    ],
)
def test_a_vague_name_in_typescript_is_seen(code: str) -> None:
    assert vague_names(code, typescript=True)


def test_a_word_in_a_longer_name_or_a_text_is_none() -> None:
    assert vague_names("not_found = 'one'; class_one = some_column = 1") == []
    assert vague_names("const notFound = 'one of some';", typescript=True) == []
