"""``orrery snippets``: snippets from a terminal. Exit codes: 0 done, 1 failed, 2 typed wrongly."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
from click.shell_completion import CompletionItem

from orrery_kernels.client import connect
from orrery_kernels.errors import OrreryError, RequestError, UsageError
from orrery_kernels.snippets import cells as cell_text
from orrery_kernels.snippets.service import SCOPES, Draft, Snippets, Wanted, placeholders, slug
from orrery_kernels.snippets.values import variables
from orrery_kernels.snippets.views import SnippetList, SnippetView
from orrery_kernels.text import clean, table

P = ParamSpec("P")
R = TypeVar("R")

_FORMATS = ("code-snippets", "elyra")
_SORTS = ("relevance", "name", "updated", "used", "position")


def _told(command: Callable[P, R]) -> Callable[P, R]:
    """The command, with its failures told in words."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except UsageError as problem:
            raise click.UsageError(clean(problem)) from None
        except OrreryError as problem:
            raise click.ClickException(clean(problem) + _findings(problem)) from None

    return run


def _findings(problem: OrreryError) -> str:
    """Where a secret was found, and how to save all the same."""
    if not isinstance(problem, RequestError) or problem.code != "secret_found":
        return ""
    places = [
        f"\n  cell {found['cell'] + 1}, line {found['line']}: {found['kind']}: {clean(found['excerpt'])}"
        for found in problem.details.get("findings", [])
    ]
    return "".join(places) + "\n  To save it all the same: --allow-secrets"


def _complete(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Prefixes and names; nothing while no server answers at once."""
    try:
        page = Snippets(connect(timeout=2)).list(Wanted(sort="name", limit=200))
    except OrreryError:
        return []
    offers = {item["prefix"] or slug(item["name"]): item["name"] for item in page["items"]}
    return [
        CompletionItem(offer, help=clean(name))
        for offer, name in sorted(offers.items())
        if offer.startswith(begun)
    ]


def _service() -> Snippets:
    return Snippets(connect())


def _json(shape: Any) -> None:
    click.echo(json.dumps(shape, indent=2))


_name = click.argument("name", shell_complete=_complete)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
_scope = click.option(
    "--scope", type=click.Choice(SCOPES), default="mine", show_default=True, help="Who sees it."
)
_project = click.option("--project", help="The slug of the project; the current one if not given.")
_secrets = click.option(
    "--allow-secrets", is_flag=True, help="Save although the text holds what looks like a secret."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def snippets() -> None:
    """Find, print, save and share snippets.

    A snippet is named by its name, its prefix or its id.

    \b
    orrery snippets list parquet
    orrery snippets print lake-read df=train > read.py
    orrery snippets save "Clean names" clean.py --tags eda --prefix clean
    """


@snippets.command("list")
@click.argument("words", nargs=-1)
@click.option("--tag", "tags", multiple=True, help="Only with this tag; may be given again.")
@click.option("--language", help="Only in this language.")
@click.option("--scope", type=click.Choice([*SCOPES, "library"]), help="Only of this scope.")
@click.option("--project", help="Only of this project.")
@click.option("--favourite", is_flag=True, help="Only favourites.")
@click.option(
    "--sort",
    type=click.Choice(_SORTS),
    default="relevance",
    show_default=True,
    help="The order of the list.",
)
@click.option("--offset", type=click.IntRange(min=0), default=0, help="How many to pass over.")
@click.option(
    "--limit",
    type=click.IntRange(1, 200),
    default=50,
    show_default=True,
    help="How many at most.",
)
@_as_json
@_told
def list_(words: Sequence[str], as_json: bool, **how: Any) -> None:
    """List snippets that hold all the words.

    \b
    orrery snippets list parquet --tag lake
    orrery snippets list --favourite --sort used --json
    """
    page = _service().list(Wanted(" ".join(words), **how))
    if as_json:
        _json(page)
    else:
        click.echo(repr(SnippetList(page)))


@snippets.command()
@click.argument("words", nargs=-1, required=True)
@_as_json
@_told
def search(words: Sequence[str], as_json: bool) -> None:
    """Search name, tags, description and code.

    \b
    orrery snippets search confusion matrix
    """
    page = _service().list(Wanted(" ".join(words)))
    if as_json:
        _json(page)
    else:
        click.echo(repr(SnippetList(page)))


@snippets.command()
@_name
@_as_json
@_told
def show(name: str, as_json: bool) -> None:
    """Show a snippet with its code, as it was written.

    \b
    orrery snippets show lake-read
    """
    found = _service().find(name)
    if as_json:
        _json(found)
    else:
        click.echo(repr(SnippetView(found, placeholders(found, {}))))


@snippets.command("print")
@_name
@click.argument("values", nargs=-1)
@_told
def print_(name: str, values: Sequence[str]) -> None:
    """Print the code of a snippet, with values for its placeholders.

    A value goes to a placeholder by its number, its default text or its variable.

    \b
    orrery snippets print lake-read df=train
    orrery snippets print lake-read 1=train 2=iris > read.py
    """
    service = _service()
    given = dict(_pair(value) for value in values)
    found = service.expanded(service.find(name), variables(service.client), given)
    click.echo(cell_text.to_text(found.cells))


def _pair(value: str) -> tuple[str, str]:
    name, equals, rest = value.partition("=")
    if not equals or not name:
        raise click.UsageError(f"{value!r} is not of the form placeholder=value")
    return name, rest


@snippets.command()
@click.argument("name")
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
@click.option("--tags", help="Tags, with commas between them.")
@click.option("--description", help="What it is for.")
@click.option("--prefix", help="A short word that offers it as a completion.")
@click.option("--language", help="Its language; python if not given.")
@click.option(
    "--vscode", is_flag=True, help="The text is a VS Code snippet body with $1, ${2:x} and so on."
)
@click.option("--replace", is_flag=True, help="Put it in the place of one with the same name.")
@_scope
@_project
@_secrets
@_as_json
@_told
def save(name: str, file: Any, as_json: bool, **how: Any) -> None:
    """Save a file or the standard input as a snippet; `# %%` lines part cells.

    \b
    orrery snippets save "Clean names" clean.py --tags eda,names
    pbpaste | orrery snippets save "From the clipboard"
    """
    draft = Draft(
        name,
        cell_text.from_text(file.read()),
        description=how["description"],
        tags=None if how["tags"] is None else split_tags(how["tags"]),
        prefix=how["prefix"],
        language=how["language"],
        syntax="vscode" if how["vscode"] else None,
        scope=how["scope"],
        project=how["project"],
    )
    saved = _service().save(draft, replace=how["replace"], allow_secrets=how["allow_secrets"])
    if as_json:
        _json(saved)
    else:
        click.echo(f"Saved {clean(saved['name'])!r} ({saved['id']}), version {saved['version']}")


def split_tags(text: str) -> list[str]:
    """The tags in a text with commas."""
    return [tag.strip() for tag in text.split(",") if tag.strip()]


@snippets.command()
@_name
@_secrets
@_told
def edit(name: str, allow_secrets: bool) -> None:
    """Edit the code of a snippet in $EDITOR; saving and closing keeps it as a new version.

    \b
    EDITOR=nano orrery snippets edit lake-read
    """
    service = _service()
    found = service.find(name)
    if not found["writable"]:
        raise UsageError(
            f"{found['name']!r} is read-only", remedy="Print it and save it as your own."
        )
    before = cell_text.to_text(found["cells"])
    after = click.edit(before, extension=".py" if found["language"] == "python" else ".txt")
    if after is None or after == before:
        click.echo("Nothing was changed")
        return
    saved = service.update(found, cells=cell_text.from_text(after), allow_secrets=allow_secrets)
    click.echo(f"Saved {clean(saved['name'])!r}, version {saved['version']}")


@snippets.command()
@_name
@click.option("--yes", is_flag=True, help="Do not ask.")
@_told
def delete(name: str, yes: bool) -> None:
    """Delete a snippet; `undelete` brings it back for 30 days.

    \b
    orrery snippets delete "Clean names" --yes
    """
    service = _service()
    found = service.find(name)
    if not yes:
        click.confirm(f"Delete {clean(found['name'])!r}?", abort=True, err=True)
    service.delete(found["id"])
    click.echo(f"Deleted. To bring it back: orrery snippets undelete {found['id']}")


@snippets.command()
@click.argument("id")
@_told
def undelete(id: str) -> None:
    """Bring a deleted snippet back, by its id."""
    saved = _service().undelete(id)
    click.echo(f"{clean(saved['name'])!r} is back")


@snippets.command()
@_name
@click.option("--off", is_flag=True, help="Take the mark away.")
@_told
def favourite(name: str, off: bool) -> None:
    """Mark a snippet as a favourite."""
    service = _service()
    saved = service.favourite(service.find(name)["id"], not off)
    state = "is a favourite" if saved["favourite"] else "is no favourite any more"
    click.echo(f"{clean(saved['name'])!r} {state}")


@snippets.command()
@_name
@_as_json
@_told
def history(name: str, as_json: bool) -> None:
    """List the versions of a snippet, newest first."""
    service = _service()
    found = service.versions(service.find(name)["id"])
    if as_json:
        _json(found)
        return
    rows = [(v["version"], v["saved"][:19], v["saved_by"], v["content"]["name"]) for v in found]
    click.echo(table(("Version", "Saved", "By", "Name"), rows))


@snippets.command()
@_name
@click.argument("version", type=click.IntRange(min=1))
@_told
def restore(name: str, version: int) -> None:
    """Make an earlier version of a snippet the present one.

    \b
    orrery snippets restore "Clean names" 2
    """
    service = _service()
    saved = service.restore(service.find(name)["id"], version)
    click.echo(
        f"{clean(saved['name'])!r} is as in version {version}; this is version {saved['version']}"
    )


@snippets.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--on-duplicate",
    type=click.Choice(["skip", "copy", "replace"]),
    default="skip",
    show_default=True,
    help="What to do with one that is there already.",
)
@_scope
@_project
@_secrets
@_as_json
@_told
def import_(paths: Sequence[Path], as_json: bool, **how: Any) -> None:
    """Import VS Code `.code-snippets` or Elyra code-snippet files, or folders of them.

    \b
    orrery snippets import ~/.config/Code/User/snippets
    orrery snippets import team.code-snippets --scope project --on-duplicate replace
    """
    service = _service()
    if how["scope"] == "project" and how["project"] is None:
        how["project"] = service.current_project()
    report = service.import_files(_read(paths), **how)
    if as_json:
        _json(report)
    else:
        counts = [
            f"{len(report[kind])} {kind}" for kind in ("created", "replaced", "skipped", "failed")
        ]
        click.echo(", ".join(counts))
        for kind in ("skipped", "failed"):
            for problem in report[kind]:
                where = f"{problem['file']}: {problem['name']}".rstrip(": ")
                click.echo(f"  {kind}: {clean(where)}: {clean(problem['reason'])}", err=True)
    if report["failed"]:
        raise click.exceptions.Exit(1)


def _read(paths: Sequence[Path]) -> list[tuple[str, str]]:
    files: list[Path] = []
    for path in paths:
        inside = sorted(p for kind in ("*.code-snippets", "*.json") for p in path.rglob(kind))
        files += inside if path.is_dir() else [path]
    try:
        return [(path.name, path.read_text(encoding="utf-8")) for path in files]
    except (OSError, UnicodeDecodeError) as problem:
        raise click.ClickException(f"A file cannot be read: {problem}") from None


@snippets.command()
@click.argument("names", nargs=-1, shell_complete=_complete)
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    default=_FORMATS[0],
    show_default=True,
    help="Whose files to write.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to write to; this one if not given.",
)
@_told
def export(names: Sequence[str], format_: str, output: Path) -> None:
    """Write snippets to files; without a name all of them. Existing files are not overwritten.

    \b
    orrery snippets export lake-read "Clean names" --output shared
    """
    service = _service()
    files = service.export([service.find(name)["id"] for name in names], format_)
    output.mkdir(parents=True, exist_ok=True)
    for file in files:
        path = output / Path(file["name"].replace("\\", "/")).name
        try:
            with path.open("x", encoding="utf-8") as target:
                target.write(file["content"])
        except OSError as problem:
            raise click.ClickException(f"{path} cannot be written: {problem.strerror}") from None
        click.echo(str(path))


@snippets.group()
def libraries() -> None:
    """Read-only libraries of snippets from Git repositories."""


@libraries.command("list")
@_as_json
@_told
def libraries_list(as_json: bool) -> None:
    """List the libraries and how they are."""
    found = _service().libraries()
    if as_json:
        _json(found)
        return
    rows = [
        (lib["name"], lib["count"], lib["state"], lib["url"] or lib["kind"], lib["error"])
        for lib in found
    ]
    click.echo(table(("Name", "Snippets", "State", "From", "Problem"), rows))


@libraries.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--ref", help="A branch or tag; the default branch if not given.")
@click.option("--folder", default="", help="Only files below this folder of the repository.")
@_told
def libraries_add(name: str, url: str, ref: str | None, folder: str) -> None:
    """Make a Git repository a library.

    \b
    orrery snippets libraries add team https://git.example.org/team/snippets.git --ref main
    """
    made = _service().add_library(name=name, url=url, ref=ref, folder=folder)
    click.echo(
        f"Added {clean(made['name'])!r}; it is being fetched. See: orrery snippets libraries list"
    )


@libraries.command("remove")
@click.argument("name")
@_told
def libraries_remove(name: str) -> None:
    """Forget a library; the repository stays as it is."""
    _service().remove_library(name)
    click.echo(f"Removed {clean(name)!r}")


@libraries.command("refresh")
@click.argument("name")
@click.option("--cancel", is_flag=True, help="Stop a refresh instead.")
@_told
def libraries_refresh(name: str, cancel: bool) -> None:
    """Fetch a library again."""
    if cancel:
        _service().cancel_refresh(name)
        click.echo("Stopped")
        return
    state = _service().refresh_library(name)
    click.echo(f"{clean(state['name'])!r}: {state['state']}")
