"""The documentation says what is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest

from tests.loops import each

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def said(page: Path) -> Iterator[str]:
    """Every command line that a page shows, in a fence or in the text."""
    text = page.read_text(encoding="utf-8")
    for language, body in FENCE.findall(text):
        if language in ("console", "bash"):
            yield from (line.split("#")[0].strip() for line in body.splitlines())
    yield from re.findall(r"`((?:orrery|make) [^`]+)`", FENCE.sub("", text))


def lines(start: str) -> list[tuple[str, str]]:
    return [
        (page.name, line)
        for page in PAGES
        for line in said(page)
        if line.startswith(start) and line not in ("orrery --help",)
    ]


@each("page, line", lines("orrery "))
def test_every_command_that_is_shown_exists(page: str, line: str) -> None:
    _, *words = shlex.split(line.split(">")[0].split("|")[0])
    if words[0] == "--server":
        words = words[2:]
    (point,) = entry_points(group="orrery.commands", name=words[0])
    command = point.load()
    assert isinstance(command, click.Command)
    rest = words[1:]
    while isinstance(command, click.Group) and rest and rest[0] in command.commands:
        command, rest = command.commands[rest[0]], rest[1:]
    assert not (isinstance(command, click.Group) and rest not in ([], ["--help"])), line
    known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    known |= {"--help", "-h"}
    for word in rest:
        if word.startswith("--"):
            assert word.split("=")[0] in known, f"{page}: {line}"


@each("page, line", lines("make "))
def test_every_target_that_is_shown_exists(page: str, line: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert line.split()[1] in targets, f"{page}: {line}"


def test_every_verb_of_the_magic_is_documented() -> None:
    magics = import_module("orrery_kernels.magics.snippets")
    text = (ROOT / "docs/magics.md").read_text(encoding="utf-8")
    for verb in ("list", "save", "show"):
        assert verb in magics.VERBS
        assert f"snip {verb}" in text


@pytest.mark.parametrize("group", ["pools", "projects", "queue", "servers", "snippets"])
def test_every_subcommand_is_documented(group: str) -> None:
    (point,) = entry_points(group="orrery.commands", name=group)
    text = (ROOT / "docs/magics.md").read_text(encoding="utf-8")
    missing = [name for name in point.load().commands if f"`orrery {group} {name}`" not in text]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_a_newcomer_reads_no_more_than_is_promised() -> None:
    """The reading order of the model capability names files that exist, 1,700 lines of them at most."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## Reading order")[2]
    names = re.findall(r"`([\w./{},]+\.(?:md|py|ts))`", text)
    assert len(names) >= 7
    files = [ROOT / "docs" / "architecture.md"]
    for name in names:
        head, brace, rest = name.partition("{")
        choices, _, tail = rest.partition("}")
        parts = [head + choice + tail for choice in choices.split(",")] if brace else [name]
        files += [ROOT / part for part in parts]
    assert sum(len(file.read_text("utf-8").splitlines()) for file in files) <= 1_700
