"""Magics by capability.

Every module of this package is one capability's and names its ``CapabilityMagics`` in ``MAGICS``; a file that is put
here is found by its name. The modules import IPython and ``shell``; what a magic needs is imported when it is run, so
that loading stays a matter of milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from orrery_kernels.shell import CapabilityMagics

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_MATCHER = "orrery"
_LINE = re.compile(r"(?:^|=)\s*(?P<line>%{1,2}(?P<name>\w+) .*)$")


def magic_classes() -> dict[str, type[CapabilityMagics]]:
    """The magics of every capability, by the name of its module."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").MAGICS for name in names}


def register(shell: InteractiveShell) -> None:
    """Make the magics and their completion known to a shell."""
    by_name: dict[str, CapabilityMagics] = {}
    for magic_class in magic_classes().values():
        magics = magic_class(shell)
        shell.register_magics(magics)
        for alias, name in magic_class.aliases.items():
            shell.magics_manager.register_function(
                getattr(magics, name), magic_kind="line_cell", magic_name=alias
            )
        by_name |= dict.fromkeys(_names(magic_class), magics)
    _forget_matcher(shell)
    _matchers(shell).append(_matcher(by_name))


def unregister(shell: InteractiveShell) -> None:
    """Take the magics and their completion away."""
    for magic_class in magic_classes().values():
        for name in _names(magic_class):
            for kind in ("line", "cell"):
                shell.magics_manager.magics[kind].pop(name, None)
    _forget_matcher(shell)


def _forget_matcher(shell: InteractiveShell) -> None:
    """Of two extension names that are both loaded, one matcher is enough."""
    _matchers(shell)[:] = [
        matcher
        for matcher in _matchers(shell)
        if getattr(matcher, "matcher_identifier", "") != _MATCHER
    ]


def _names(magic_class: type[CapabilityMagics]) -> set[str]:
    kinds: Mapping[str, Mapping[str, object]] = magic_class.magics
    return {name for table in kinds.values() for name in table} | set(magic_class.aliases)


def _matcher(by_name: Mapping[str, CapabilityMagics]) -> Any:
    # A matcher, not a hook: Python's own names have no place in such a line, and would stand before ours.
    @context_matcher(identifier=_MATCHER)  # type: ignore[untyped-decorator]
    def complete(context: CompletionContext) -> SimpleMatcherResult:
        match = _LINE.search(context.line_with_cursor[: context.cursor_position])
        if match is None or match["name"] not in by_name:
            return {"completions": []}
        texts = by_name[match["name"]].complete(match["line"], context.token)
        completions = [SimpleCompletion(text=text) for text in texts]
        return {"completions": completions, "suppress": True, "ordered": True}

    return complete


def _matchers(shell: InteractiveShell) -> list[Any]:
    matchers: list[Any] = shell.Completer.custom_matchers
    return matchers
