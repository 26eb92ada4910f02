"""``%projects``: ``orrery projects`` in a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from IPython.core.magic import line_magic, magics_class, no_var_expand

from orrery_kernels.errors import UsageError
from orrery_kernels.shell import (
    CapabilityMagics,
    complete_command,
    report_errors,
    run_command,
    split_line,
)

VERBS = (
    "archive",
    "create",
    "current",
    "delete",
    "invite",
    "leave",
    "list",
    "members",
    "pin",
    "purge",
    "remove",
    "restore",
    "role",
    "show",
    "switch",
    "undelete",
    "unpin",
    "update",
)


@magics_class
class ProjectMagics(CapabilityMagics):
    """Projects in a kernel."""

    verbs: ClassVar[Sequence[str]] = VERBS
    summary: ClassVar[dict[str, str]] = {
        "%projects list [WORDS]": "list your projects",
        "%projects switch SLUG": "let the lab work in a project; every panel follows",
        "%projects invite USER [--role viewer]": "make a person a member of the current project",
    }

    @no_var_expand
    @line_magic
    def projects(self, line: str) -> None:
        """List, make, share and switch projects.

        %projects list [WORDS]          list your projects; --deleted those that can be brought back
        %projects current               show the project that this lab works in
        %projects show SLUG             show another
        %projects switch SLUG           work in it from now on; --none works in no project
        %projects create NAME           make one, which you own
        %projects update --name NAME    change its name; --description TEXT, --category TEXT, --label TEXT
        %projects pin                   show it first in your own lists; %projects unpin
        %projects archive --yes         make it read only for all; %projects restore SLUG
        %projects members               list who is in it
        %projects invite USER           make a person a member; --role owner|editor|viewer
        %projects role USER ROLE        give a member another role
        %projects remove USER           take a member out
        %projects leave --yes           give up your own membership
        %projects delete SLUG --yes     take it away from all its members; %projects undelete SLUG
        %projects purge SLUG --yes      remove a deleted one for good
          --project SLUG                another project than the current one

        The options are those of `orrery projects` in a terminal: %projects VERB --help. Tab completes verbs, slugs
        and options.
        """
        report_errors(lambda: self._run(split_line(line)))

    def _run(self, words: list[str]) -> None:
        if not words:
            raise UsageError("What is to be done?", remedy="%projects list; help: %projects?")
        run_command("projects", words)

    def complete(self, line: str, symbol: str) -> Sequence[str]:
        """Verbs, slugs, options or their values."""
        _, *before, begun = line.split(" ")
        return complete_command("projects", before, begun)


MAGICS = ProjectMagics
