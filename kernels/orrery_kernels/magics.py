"""The magics ``%eda``, ``%snip``, ``%%snip`` and ``%orrery``: the only file that knows IPython, but for the line that
``eda/progress.py`` shows below a cell.

A line is split as a shell would split words and parsed by argparse; nothing in it is run, expanded or evaluated, which
is why IPython's own expansion of ``$name`` and ``{expression}`` is off.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)
from IPython.core.error import UsageError as ShellUsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand

from orrery_kernels.client import Client, connect
from orrery_kernels.errors import Cancelled, OrreryError, RequestError, UsageError
from orrery_kernels.snippets import cells as cell_text
from orrery_kernels.snippets.service import SCOPES, Draft, Snippets, Wanted, placeholders, slug
from orrery_kernels.snippets.values import variables
from orrery_kernels.snippets.views import SnippetList, SnippetView
from orrery_kernels.text import PlainText, clean, table

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from orrery_kernels.eda.magic import Offers

VERBS = ("delete", "favourite", "insert", "list", "save", "search", "show")
MAGICS = {
    "%load_ext orrery_kernels": "make these magics known (done already in the kernel Python (Orrery))",
    "%orrery": "this list, and the server that the kernel talks to",
    "%eda NAME [--target COLUMN]": "profile a dataframe, a path, lake://... or s3://...",
    "%eda --compare BEFORE AFTER": "show what changed from one to the other",
    "%eda NAME --check SUITE": "check whether data keep their promises",
    "%%eda [NAME]": "run this cell, and profile the dataframe that it makes",
    "%snip NAME [placeholder=value ...]": "put a snippet into the next cell; -x runs it instead",
    "%snip list [WORDS]": "list snippets",
    "%snip show NAME": "show a snippet",
    "%snip save NAME --input 3-5": "save cells that were run as a snippet",
    "%%snip save NAME [--tags a,b]": "save this cell as a snippet, without running it",
}
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

_MATCHER = "orrery"
_LINE = re.compile(r"(?:^|=)\s*(?P<line>%{1,2}(?P<name>eda|snip) .*)$")
_CELL_MAGIC = {
    "bash": "%%bash",
    "html": "%%html",
    "javascript": "%%javascript",
    "latex": "%%latex",
    "markdown": "%%markdown",
    "sh": "%%sh",
}


class _Words(argparse.ArgumentParser):
    """A parser that raises instead of leaving."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message[:1].upper() + message[1:], remedy="Help: %snip?")


def _parser(name: str) -> _Words:
    return _Words(prog=name, add_help=False, allow_abbrev=False)


def _save_parser() -> _Words:
    parser = _parser("save")
    parser.add_argument("words", nargs="+")
    parser.add_argument("--tags")
    parser.add_argument("--scope", choices=SCOPES, default="mine")
    parser.add_argument("--project")
    parser.add_argument("--description")
    parser.add_argument("--prefix")
    parser.add_argument("--input")
    parser.add_argument("--vscode", action="store_true")
    parser.add_argument("--replace", action="store_true")
    parser.add_argument("--allow-secrets", action="store_true")
    return parser


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as problem:
        raise UsageError(
            f"The line cannot be read: {problem}", remedy="Put names with blanks into quotes."
        ) from None


@magics_class
class OrreryMagics(Magics):
    """Orrery's magics of one kernel."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._here = shell
        self._known: tuple[float, list[str]] = (float("-inf"), [])
        self._offers: Offers | None = None

    @no_var_expand
    @line_magic
    def orrery(self, line: str) -> Any:
        """List Orrery's magics and the server that this kernel talks to."""

        def run() -> PlainText:
            if line.strip():
                raise UsageError("%orrery takes no arguments")
            listed = table(("Magic", "What it does"), list(MAGICS.items()), width=120)
            return PlainText(f"{listed}\n\n{_server_line()}")

        return self._told(run)

    @no_var_expand
    @line_cell_magic
    def snip(self, line: str, cell: str | None = None) -> Any:
        """Find, insert, run and save snippets.

        %snip NAME                      put the snippet into the next cell
        %snip NAME df=train 2=iris      ... with values for its placeholders: by their default
                                        text, their number, or a variable such as DATAFRAME
        %snip -x NAME [VALUES]          run it instead
        %snip insert NAME               the same for a snippet whose name is a word below
        %snip list [WORDS]              list snippets;  %snip search WORDS  is the same
        %snip show NAME                 show its code and its placeholders
        %snip favourite NAME            mark it
        %snip delete NAME               delete it; `orrery snippets undelete` brings it back
        %snip save NAME [--input 3-5]   save cells that were run (the last one if not given)

        %%snip save NAME                save this cell, without running it; `# %%` lines part cells
          --tags a,b   --scope mine|project|everyone   --project SLUG   --description TEXT
          --prefix WORD   --vscode (the cell has $1, ${2:x} and so on)   --replace
          --allow-secrets

        NAME is a name, a prefix or an id. Tab completes names and options.
        """
        return self._told(lambda: self._snip(_split(line), cell))

    @no_var_expand
    @line_cell_magic
    def eda(self, line: str, cell: str | None = None) -> Any:
        """Profile a dataframe, a file, the lake, an object store or a database's table.

        %eda df                         a dataframe of this kernel
        %eda data/sales.parquet         a file; lake://wine.parquet; s3://bucket/sales/*.parquet
        %eda 'postgresql://me:${DB_PASSWORD}@host/shop#orders'
        %eda --compare BEFORE AFTER     what changed: drift, schema, fresh values
        %eda df --check SUITE           whether it keeps a suite of checks (a variable, or a JSON file)
        %eda df --checks pandera        the checks that the profile suggests, in the next cell;
                                        sql, great_expectations and json are shown
          --target COLUMN   --sample ROWS   --seconds 120
          --sections preliminary,univariate,bivariate,multivariate,text
          --nulls skip|mean|mode|interpolate   what stands for a missing value in pairs of columns
          --full                        begin the full report, too; it opens from the Profiles panel
          -o, --output report.html      write the report (.html, .md, .json); with --full the full one
          -q, --quiet                   show no progress

        %%eda [NAME] [OPTIONS]          run this cell, then profile NAME, or the dataframe that it
                                        shows or makes; %%eda --compare BEFORE AFTER  as well

        The value of the cell is what was found: `_.alerts`, `_.columns["x"]`, `_.suite()`.
        Interrupting the kernel stops the run. Tab completes dataframes, files and options.
        """
        return self._told(lambda: self._eda(_split(line), cell))

    def _eda(self, words: list[str], cell: str | None) -> Any:
        from orrery_kernels.eda import magic

        given = magic.parse(words)
        variables = self._here.user_ns
        if cell is not None:
            before = magic.seen(variables)
            value = self._run("The cell", cell)
            variables = magic.made(given, variables, before, value)
        try:
            done = magic.do(given, variables, _note)
        except KeyboardInterrupt:
            raise Cancelled("The run was stopped") from None
        if done.next_cell:
            self._here.set_next_input(done.next_cell)
        if done.said:
            sys.stdout.write(done.said)
        return done.found

    def _told(self, run: Callable[[], Any]) -> Any:
        """What it gives; a failure becomes words without a traceback, and stops the cell."""
        try:
            return run()
        except RequestError as problem:
            found = [
                f"\n  line {f['line']}: {f['kind']}: {f['excerpt']}"
                for f in problem.details.get("findings", [])
            ]
            hint = "\n  To save it all the same: --allow-secrets" if found else ""
            raise ShellUsageError(clean(f"{problem}{''.join(found)}{hint}")) from None
        except OrreryError as problem:
            raise ShellUsageError(clean(problem)) from None

    def _snip(self, words: list[str], cell: str | None) -> Any:
        verb, rest = (words[0], words[1:]) if words and words[0] in VERBS else ("insert", words)
        if cell is not None and verb != "save":
            raise UsageError("A whole cell can only be saved", remedy="%%snip save NAME")
        if not words:
            raise UsageError("Which snippet?", remedy="%snip list shows them; help: %snip?")
        if verb == "save":
            return self._save(rest, cell)
        service = Snippets(connect())
        if verb in ("list", "search"):
            return SnippetList(service.list(Wanted(" ".join(rest))))
        if verb == "insert":
            return self._insert(service, rest)
        found = service.find(" ".join(rest))
        if verb == "show":
            return SnippetView(found, placeholders(found, {}))
        if verb == "favourite":
            service.favourite(found["id"], True)
            return PlainText(f"{found['name']!r} is a favourite")
        service.delete(found["id"])
        return PlainText(
            f"Deleted {found['name']!r}. To bring it back: !orrery snippets undelete {found['id']}"
        )

    def _insert(self, service: Snippets, words: Sequence[str]) -> PlainText | None:
        run = "-x" in words
        rest = [word for word in words if word != "-x"]
        unknown = [word for word in rest if word.startswith("-")]
        if unknown:
            raise UsageError(f"There is no option {unknown[0]!r}", remedy="Help: %snip?")
        given = dict(word.split("=", 1) for word in rest if "=" in word[1:])
        found = service.find(" ".join(word for word in rest if "=" not in word[1:]))
        magic = _CELL_MAGIC.get(found["language"], "")
        if found["language"] != "python" and not magic:
            raise UsageError(
                f"{found['name']!r} is written in {found['language']}",
                reason="This kernel runs Python.",
                remedy="Insert it from the Snippets panel where it belongs.",
            )
        here = variables(service.client, self._here.user_ns)
        cells = service.expanded(found, here, given).cells
        self._count(service, found)
        if not run:
            code = cell_text.to_code(cells)
            self._here.set_next_input(f"{magic}\n{code}" if magic else code)
            return None
        for cell in cells:
            if cell["kind"] == "code":
                source = f"{magic}\n{cell['source']}" if magic else cell["source"]
                self._run(repr(found["name"]), source)
        return None

    def _run(self, name: str, source: str) -> Any:
        """Run code as a cell would; the value of its last line."""
        done = self._here.run_cell(source, store_history=False)  # type: ignore[no-untyped-call]
        if not done.success:
            raise UsageError(f"{name} stopped with the error above")
        return done.result

    @staticmethod
    def _count(service: Snippets, found: dict[str, Any]) -> None:
        """Count the use; that the server could not note it is no reason to keep the snippet back."""
        try:
            service.count_use(found["id"])
        except OrreryError:
            return

    def _save(self, words: Sequence[str], cell: str | None) -> PlainText:
        given = _save_parser().parse_args(list(words))
        if cell is not None and given.input is not None:
            raise UsageError("Either a cell or --input can be saved, not both")
        cells = cell_text.from_text(cell) if cell is not None else self._inputs(given.input)
        tags = None
        if given.tags is not None:
            tags = [tag.strip() for tag in given.tags.split(",") if tag.strip()]
        draft = Draft(
            " ".join(given.words),
            cells,
            description=given.description,
            tags=tags,
            prefix=given.prefix,
            syntax="vscode" if given.vscode else None,
            scope=given.scope,
            project=given.project,
        )
        service = Snippets(connect())
        saved = service.save(draft, replace=given.replace, allow_secrets=given.allow_secrets)
        self._known = (float("-inf"), [])
        return PlainText(f"Saved {saved['name']!r} ({saved['id']}), version {saved['version']}")

    def _inputs(self, which: str | None) -> list[dict[str, Any]]:
        """Cells that were run in this session: those of a range such as ``3-5,7``, or the last one."""
        history = self._here.history_manager
        spec = which or str(self._here.execution_count - 1)
        if not spec.replace(",", " ").replace("-", " ").replace(" ", "").isdigit():
            raise UsageError(
                f"{spec!r} names no cells", remedy="Give numbers such as --input 3-5,7."
            )
        ranges = " ".join(spec.replace(",", " ").split())
        spans = history.get_range_by_str(ranges, raw=True) if history else ()
        found = [str(source) for _, _, source in spans]
        if not found:
            raise UsageError(f"No cell was run with the number {spec}")
        return [{"kind": "code", "source": source} for source in found]

    def offers(self, line: str, _symbol: str = "") -> list[str]:
        """What could come next in a line: verbs, names, options or their values."""
        words = line.split(" ")
        before, begun = words[1:-1], words[-1]
        if begun.startswith("-"):
            listed: Sequence[str] = OPTIONS if before[:1] == ["save"] else ("-x",)
        elif before[-1:] == ["--scope"]:
            listed = SCOPES
        elif before[:1] == ["save"]:
            listed = ()
        else:
            verbs = VERBS if not before else ()
            listed = (*verbs, *self._names())
        return [offer for offer in listed if offer.startswith(begun)]

    def eda_offers(self, line: str, symbol: str) -> list[str]:
        """What could come next in a line of %eda: dataframes, files, options or their values."""
        if self._offers is None:
            from orrery_kernels.eda.magic import Offers

            self._offers = Offers(lambda: self._here.user_ns)
        return self._offers.of(line, symbol)

    def _names(self) -> list[str]:
        seen, names = self._known
        if time.monotonic() - seen > REMEMBER_SECONDS:
            try:
                page = Snippets(connect(timeout=2)).list(Wanted(sort="name", limit=200))
                names = sorted(item["prefix"] or slug(item["name"]) for item in page["items"])
            except OrreryError:
                names = []
            self._known = (time.monotonic(), names)
        return names


def _note(text: str) -> None:
    """Say something that is no failure."""
    sys.stdout.write(f"{clean(text)}\n")


def _server_line() -> str:
    try:
        client: Client = connect(timeout=5)
        status = client.call("GET", "status")
    except OrreryError as problem:
        return f"No server: {problem}"
    return f"Server: {client.connection.url}, Orrery {status['version']}, as {status['user']}"


def register(shell: InteractiveShell) -> None:
    """Make the magics and their completion known to a shell."""
    magics = OrreryMagics(shell)
    shell.register_magics(magics)

    # A matcher, not a hook: Python's own names have no place in such a line, and would stand before ours.
    @context_matcher(identifier=_MATCHER)  # type: ignore[untyped-decorator]
    def complete(context: CompletionContext) -> SimpleMatcherResult:
        line = _LINE.search(context.line_with_cursor[: context.cursor_position])
        if line is None:
            return {"completions": []}
        offers = magics.eda_offers if line["name"] == "eda" else magics.offers
        found = [SimpleCompletion(text=one) for one in offers(line["line"], context.token)]
        return {"completions": found, "suppress": True, "ordered": True}

    _matchers(shell).append(complete)


def unregister(shell: InteractiveShell) -> None:
    """Take the magics and their completion away."""
    for kind in ("line", "cell"):
        for name in ("snip", "orrery", "eda"):
            shell.magics_manager.magics[kind].pop(name, None)
    _matchers(shell)[:] = [
        one for one in _matchers(shell) if getattr(one, "matcher_identifier", "") != _MATCHER
    ]


def _matchers(shell: InteractiveShell) -> list[Any]:
    found: list[Any] = shell.Completer.custom_matchers
    return found
