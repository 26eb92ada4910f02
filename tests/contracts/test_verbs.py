"""The SDK, the magics and the command line offer the same verbs of every capability."""

from __future__ import annotations

import inspect
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

import click
import pytest

import jupyter_orrery
from orrery_kernels.magics import magic_classes

MODULES = {module.name for module in iter_modules(jupyter_orrery.__path__)}
CAPABILITIES = sorted(MODULES - {"errors", "lab"})
COMMANDS = sorted({*CAPABILITIES, "pools", "queue", "servers"} - {"compute"})

# A verb of a terminal that Python must or should call otherwise: `import` is a keyword; a program gets what a terminal
# shows or prints; an editor is for a person.
IN_PYTHON = {
    "edit": "update",
    "import": "import_files",
    "print": "render",
    "role": "set_role",
    "show": "get",
    "undo-import": "undo_import",
}
# Only a notebook has a next cell; only a terminal has an editor.
NOTEBOOK_ONLY = {"insert"}
TERMINAL_ONLY = {"edit"}
# A terminal has no variable to read a table into, and a line that reads one is a line of Python.
PYTHON_ONLY = {"read"}
# A capability of several groups: each is a command, a magic of one line, and an object of the SDK's module.
GROUPS = {"compute": {"pools": "pool", "queue": "queue", "servers": "servers"}}
# One command and one magic with options do what the SDK has functions for.
OPTIONS = {
    "eda": {
        "check": ("--checks", "--check"),
        "compare": ("--against", "--compare"),
        "full": ("--full", "--full"),
        "profile": ("--sections", "--sections"),
    }
}


def command(capability: str) -> click.Command:
    (point,) = entry_points(group="orrery.commands", name=capability)
    loaded: click.Command = point.load()
    return loaded


def sdk_verbs(capability: str) -> set[str]:
    module = import_module(f"jupyter_orrery.{capability}")
    return {name for name in module.__all__ if not inspect.isclass(getattr(module, name))}


@pytest.mark.parametrize("capability", sorted({*CAPABILITIES} - {"compute"}))
def test_same_verbs_everywhere(capability: str) -> None:
    group, magics = command(capability), magic_classes()[capability]
    assert capability in {name for kind in magics.magics.values() for name in kind}
    sdk = sdk_verbs(capability)
    if not isinstance(group, click.Group):
        options = {option for param in group.params for option in param.opts}
        line = magics.magics["line"][capability]
        text = inspect.getdoc(getattr(magics, str(line))) or ""
        assert set(OPTIONS[capability]) == sdk - PYTHON_ONLY
        for terminal, cell in OPTIONS[capability].values():
            assert terminal in options
            assert cell in text
        return
    terminal = set(group.commands)
    assert {IN_PYTHON.get(verb, verb) for verb in terminal} == sdk - NOTEBOOK_ONLY
    assert set(magics.verbs) - NOTEBOOK_ONLY == terminal - TERMINAL_ONLY


@pytest.mark.parametrize("capability", GROUPS)
def test_each_group_of_a_capability_offers_the_same_verbs(capability: str) -> None:
    module, magics = import_module(f"jupyter_orrery.{capability}"), magic_classes()[capability]
    assert sdk_verbs(capability) == set(GROUPS[capability])
    assert set(magics.magics["line"]) == set(GROUPS[capability].values())
    for name, magic in GROUPS[capability].items():
        group, service = command(name), getattr(module, name)
        assert isinstance(group, click.Group)
        verbs = {verb for verb in dir(service) if not verb.startswith("_")} - {"calls", "client"}
        assert {IN_PYTHON.get(verb, verb) for verb in group.commands} == verbs
        text = inspect.getdoc(getattr(magics, magic)) or ""
        for verb in group.commands:
            assert f"%{magic} {verb}" in text
        for verb in verbs:
            call = getattr(service, verb)
            assert inspect.getdoc(call), verb
            assert inspect.signature(call).return_annotation is not inspect.Signature.empty, verb


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_every_verb_is_documented(capability: str) -> None:
    for name in sdk_verbs(capability):
        verb = getattr(import_module(f"jupyter_orrery.{capability}"), name)
        assert inspect.getdoc(verb), name
        if callable(verb):
            hints = inspect.signature(verb)
            assert hints.return_annotation is not inspect.Signature.empty, name


def test_sub_groups_offer_the_same_verbs() -> None:
    group = command("snippets")
    assert isinstance(group, click.Group)
    for name, sub in group.commands.items():
        if isinstance(sub, click.Group):
            service = getattr(import_module("jupyter_orrery.snippets"), name)
            assert all(callable(getattr(service, verb)) for verb in sub.commands)


@pytest.mark.parametrize("capability", COMMANDS)
def test_every_command_and_option_is_described(capability: str) -> None:
    commands = [command(capability)]
    while commands:
        item = commands.pop()
        commands += item.commands.values() if isinstance(item, click.Group) else []
        assert (item.help or "").partition("\n")[0].endswith("."), item.name
        for param in item.params:
            if isinstance(param, click.Option):
                assert (param.help or "").endswith("."), (item.name, param.name)
