"""Files of tests that stay in one worker, because they share a server or stand for one person.

xdist's own ``--dist loadgroup`` writes the group into a private attribute that pytest no longer reads.
"""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

# By folder below ``tests``: the files that need nothing of the others.
TOGETHER = {
    "ui": frozenset[str](),
    "security": frozenset({"test_eda_secrets.py", "test_lists.py", "test_markup.py"}),
}


def group_of(file: str) -> str:
    """The name that all files have in common that one worker runs one after the other."""
    folder, _, name = file.removeprefix("tests/").rpartition("/")
    alone = TOGETHER.get(folder)
    return file if alone is None or name in alone else folder


class GroupScheduling(LoadFileScheduling):  # type: ignore[misc, unused-ignore]
    """``--dist loadfile`` with groups of files."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(super()._split_scope(nodeid))
