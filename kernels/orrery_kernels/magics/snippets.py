"""``%snippets``, ``%%snippets`` and the short name ``%snip``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from IPython.core.magic import line_cell_magic, magics_class, no_var_expand

from orrery_kernels.errors import UsageError
from orrery_kernels.shell import (
    ArgumentParser,
    CapabilityMagics,
    complete_command,
    report_errors,
    run_command,
    set_next_cell,
    split_line,
)
from orrery_wire.errors import OrreryError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from orrery_kernels.snippets.service import Snippets
    from orrery_kernels.snippets.views import SnippetList, SnippetView
    from orrery_kernels.text import PlainText
    from orrery_wire.types.snippets import SnippetCell

    Result = SnippetList | SnippetView | PlainText | None

SCOPES = ("mine", "project", "everyone")
# Verbs that a cell does in its own way; the others are those of `orrery snippets`.
VERBS = ("delete", "favourite", "insert", "list", "save", "search", "show")
COMMANDS = (
    "export",
    "history",
    "import",
    "libraries",
    "print",
    "restore",
    "undelete",
    "undo-import",
)
OPTIONS = (
    "--allow-secrets",
    "--description",
    "--input",
    "--prefix",
    "--project",
    "--replace",
    "--scope",
    "--tags",
    "--vscode",
)
# How long completion believes what it saw; a person who types sees no request at every key.
REMEMBER_SECONDS = 15.0


@magics_class
class SnippetMagics(CapabilityMagics):
    """Snippets in a kernel."""

    aliases: ClassVar[dict[str, str]] = {"snip": "snippets"}
    verbs: ClassVar[Sequence[str]] = (*VERBS, *COMMANDS)
    summary: ClassVar[dict[str, str]] = {
        "%snip NAME [placeholder=value ...]": "put a snippet into the next cell; -x runs it instead",
        "%snip list [WORDS]": "list snippets",
        "%snip show NAME": "show a snippet",
        "%snip save NAME --input 3-5": "save cells that were run as a snippet",
        "%%snip save NAME [--tags a,b]": "save this cell as a snippet, without running it",
    }

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._names: dict[str, tuple[float, list[str]]] = {}

    @no_var_expand
    @line_cell_magic
    def snippets(self, line: str, cell: str | None = None) -> Result:
        """Find, insert, run and save snippets; %snip is the short name.

        %snip NAME                      put the snippet into the next cell
        %snip NAME df=train 2=iris      ... with values for its placeholders: by their default
                                        text, their number, or a variable such as DATAFRAME
        %snip -x NAME [VALUES]          run it instead
        %snip insert NAME               the same for a snippet whose name is a word below
        %snip list [WORDS]              list snippets;  %snip search WORDS  is the same
        %snip show NAME                 show its code and its placeholders
        %snip favourite NAME            mark it
        %snip delete NAME               delete it; %snip undelete ID  brings it back
        %snip save NAME [--input 3-5]   save cells that were run (the last one if not given)
        %snip history NAME              list its versions;  %snip restore NAME VERSION
        %snip print NAME [VALUES]       print its code;  %snip import,  undo-import,  export,  libraries
                                        and their options are those of `orrery snippets` in a terminal

        %%snip save NAME                save this cell, without running it; `# %%` lines part cells
          --tags a,b   --scope mine|project|everyone   --project SLUG   --description TEXT
          --prefix WORD   --vscode (the cell has $1, ${2:x} and so on)   --replace
          --allow-secrets

        NAME is a name, a prefix or an id. Tab completes names and options.
        """
        from orrery_kernels.snippets.views import findings

        return report_errors(lambda: self._run(split_line(line), cell), findings)

    def _run(self, words: list[str], cell: str | None) -> Result:
        is_verb = bool(words) and words[0] in self.verbs
        verb, rest = (words[0], words[1:]) if is_verb else ("insert", words)
        if cell is not None and verb != "save":
            raise UsageError("A whole cell can only be saved", remedy="%%snip save NAME")
        if not words:
            raise UsageError("Which snippet?", remedy="%snip list shows them; help: %snip?")
        if verb in COMMANDS:
            run_command("snippets", words)
            return None
        if verb == "save":
            return self._save(rest, cell)
        from orrery_kernels.snippets.service import Snippets

        service = Snippets()
        if verb == "insert":
            self._insert(service, rest)
            return None
        return _answer(service, verb, " ".join(rest))

    def _insert(self, service: Snippets, words: Sequence[str]) -> None:
        """Put a snippet into the next cell, or with ``-x`` run it."""
        from orrery_kernels.snippets.cells import require_notebook_language, to_code, with_magic

        names = [word for word in words if word != "-x" and "=" not in word[1:]]
        values = [word for word in words if "=" in word[1:]]
        unknown = [word for word in (*names, *values) if word.startswith("-")]
        if unknown:
            raise UsageError(f"There is no option {unknown[0]!r}", remedy="Help: %snip?")
        snippet = service.get(" ".join(names))
        require_notebook_language(snippet)
        given = dict(word.split("=", 1) for word in values)
        cells = service.render_cells(snippet, given, self.ipython.user_ns)
        service.count_use(snippet)
        if "-x" not in words:
            set_next_cell(to_code(cells, snippet["language"]))
            return
        for cell in cells:
            if cell["kind"] == "code":
                source = with_magic(cell["source"], snippet["language"])
                self.run_cell(repr(snippet["name"]), source)

    def _save(self, words: Sequence[str], cell: str | None) -> PlainText:
        from orrery_kernels.snippets.service import Snippets, cells_of
        from orrery_kernels.text import PlainText

        given = _save_parser().parse_args(list(words))
        if cell is not None and given.input is not None:
            raise UsageError("Either a cell or --input can be saved, not both")
        tags = given.tags
        saved = Snippets().save(
            " ".join(given.words),
            cells_of(cell) if cell is not None else self._inputs(given.input),
            scope=given.scope,
            project=given.project,
            replace=given.replace,
            allow_secrets=given.allow_secrets,
            description=given.description,
            tags=None if tags is None else [t.strip() for t in tags.split(",") if t.strip()],
            prefix=given.prefix,
            syntax="vscode" if given.vscode else None,
        )
        self._names = {}
        return PlainText(f"Saved {saved['name']!r} ({saved['id']}), version {saved['version']}")

    def _inputs(self, which: str | None) -> list[SnippetCell]:
        """Cells that were run in this session: those of a range such as ``3-5,7``, or the last one."""
        history = self.ipython.history_manager
        spec = which or str(self.ipython.execution_count - 1)
        if not spec.replace(",", " ").replace("-", " ").replace(" ", "").isdigit():
            raise UsageError(
                f"{spec!r} names no cells", remedy="Give numbers such as --input 3-5,7."
            )
        ranges = " ".join(spec.replace(",", " ").split())
        entries = history.get_range_by_str(ranges, raw=True) if history else ()
        cells: list[SnippetCell] = [
            {"kind": "code", "source": str(source)} for _, _, source in entries
        ]
        if not cells:
            raise UsageError(f"No cell was run with the number {spec}")
        return cells

    def complete(self, line: str, symbol: str) -> Sequence[str]:
        """Verbs, names, options or their values."""
        words = line.split(" ")
        before, begun = words[1:-1], words[-1]
        if before[:1] and before[0] in COMMANDS:
            return complete_command("snippets", before, begun)
        if begun.startswith("-"):
            candidates: Sequence[str] = OPTIONS if before[:1] == ["save"] else ("-x",)
        elif before[-1:] == ["--scope"]:
            candidates = SCOPES
        elif before[:1] == ["save"]:
            candidates = ()
        else:
            verbs = () if before else sorted(self.verbs)
            candidates = (*verbs, *self._snippet_names(begun))
        return [candidate for candidate in candidates if candidate.startswith(begun)]

    def _snippet_names(self, begun: str) -> list[str]:
        """Names that may begin so; where there are more than a page, those that the search finds by it."""
        from orrery_kernels.snippets.service import MAX_PAGE

        names = self._remembered("")
        if len(names) < MAX_PAGE or not begun:
            return names
        return list(dict.fromkeys((*names, *self._remembered(begun))))

    def _remembered(self, begun: str) -> list[str]:
        from orrery_kernels.client import connect
        from orrery_kernels.snippets.matching import short_name
        from orrery_kernels.snippets.service import MAX_PAGE, Snippets

        when, names = self._names.get(begun, (float("-inf"), []))
        if time.monotonic() - when > REMEMBER_SECONDS:
            words = begun.replace("-", " ")
            try:
                service = Snippets(connect(timeout=2))
                snippets = service.list(
                    words, sort="relevance" if words else "name", limit=MAX_PAGE
                )
                names = sorted(map(short_name, snippets))
            except OrreryError:
                names = []
            self._names = {
                key: known
                for key, known in self._names.items()
                if time.monotonic() - known[0] < REMEMBER_SECONDS
            }
            self._names[begun] = (time.monotonic(), names)
        return names


def _answer(service: Snippets, verb: str, name: str) -> Result:
    """List, show, mark or delete."""
    from orrery_kernels.snippets.rendering import shown_placeholders
    from orrery_kernels.snippets.views import SnippetView
    from orrery_kernels.text import PlainText

    if verb in ("list", "search"):
        return service.list(name)
    if verb == "show":
        snippet = service.get(name)
        return SnippetView(snippet, shown_placeholders(snippet))
    if verb == "favourite":
        return PlainText(f"{service.favourite(name)['name']!r} is a favourite")
    deleted = service.delete(name)
    return PlainText(
        f"Deleted {deleted['name']!r}. To bring it back: !orrery snippets undelete {deleted['id']}"
    )


def _save_parser() -> ArgumentParser:
    parser = ArgumentParser("%snip")
    parser.add_argument("words", nargs="+")
    parser.add_argument("--tags")
    parser.add_argument("--scope", choices=SCOPES, default="mine")
    parser.add_argument("--project")
    parser.add_argument("--description")
    parser.add_argument("--prefix", action="append")
    parser.add_argument("--input")
    parser.add_argument("--vscode", action="store_true")
    parser.add_argument("--replace", action="store_true")
    parser.add_argument("--allow-secrets", action="store_true")
    return parser


MAGICS = SnippetMagics
