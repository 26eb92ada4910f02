"""``%pool``, ``%queue`` and ``%servers``: the commands of compute in a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from IPython.core.magic import line_magic, magics_class, no_var_expand

from orrery_kernels.shell import (
    CapabilityMagics,
    complete_command,
    report_errors,
    run_command,
    split_line,
)

# The command group that a magic runs.
GROUPS = {"pool": "pools", "queue": "queue", "servers": "servers"}


@magics_class
class ComputeMagics(CapabilityMagics):
    """Pools, queue and servers in a kernel."""

    summary: ClassVar[dict[str, str]] = {
        "%pool": "show what this server holds of a pool; %pool list shows what it may be started with",
        "%queue": "list your requests for devices; %queue request PROFILE",
        "%servers": "list your servers at the hub; %servers start NAME, %servers stop NAME --yes",
    }

    @no_var_expand
    @line_magic
    def pool(self, line: str) -> None:
        """Show what this server holds of a pool, and what it may be started with.

        %pool                           show pool, profile, devices, processors and memory of this server
        %pool current                   the same
        %pool list                      list the profiles that it may be started with, and what is free

        The options are those of `orrery pools` in a terminal: %pool list --help. Tab completes verbs and options.
        """
        report_errors(lambda: run_command("pools", split_line(line) or ["current"], magic="pool"))

    @no_var_expand
    @line_magic
    def queue(self, line: str) -> None:
        """Request devices, and see your place in the queue.

        %queue                          list your requests, with place, expected wait and cause
        %queue list --ended             list those that have ended too
        %queue show ID                  show one
        %queue request PROFILE          request a profile for this server; --start starts without asking
        %queue claim [ID]               take the offer: the server is started anew, and this kernel ends
        %queue cancel [ID]              do not wait any more

        The options are those of `orrery queue` in a terminal: %queue VERB --help. Tab completes verbs, profiles and
        options.
        """
        report_errors(lambda: run_command("queue", split_line(line) or ["list"]))

    @no_var_expand
    @line_magic
    def servers(self, line: str) -> None:
        """List, start and stop your servers at the hub.

        %servers                        list your servers
        %servers list                   the same
        %servers start NAME             start another; --profile PROFILE, --project SLUG
        %servers stop NAME --yes        stop one; without a name this server, and this kernel ends

        The options are those of `orrery servers` in a terminal: %servers VERB --help. Tab completes verbs and options.
        """
        report_errors(lambda: run_command("servers", split_line(line) or ["list"]))

    def complete(self, line: str, symbol: str) -> Sequence[str]:
        """Verbs, profiles, options or their values."""
        name, *before, begun = line.split(" ")
        return complete_command(GROUPS[name.lstrip("%")], before, begun)


MAGICS = ComputeMagics
