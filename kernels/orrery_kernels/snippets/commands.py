"""``orrery snippets``: snippets from a terminal. Exit codes: 0 done, 1 failed, 2 typed wrongly."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, Unpack

import click

from orrery_kernels.console import (
    GROUP_SETTINGS,
    choice_option,
    json_option,
    limit_option,
    offset_option,
    print_json,
    undelete_command,
    yes_option,
)
from orrery_kernels.errors import UsageError
from orrery_kernels.snippets import cells as cell_text
from orrery_kernels.snippets.library_commands import libraries
from orrery_kernels.snippets.options import (
    complete_names,
    name_argument,
    project_option,
    report_errors,
    scope_option,
    secrets_option,
)
from orrery_kernels.snippets.rendering import shown_placeholders
from orrery_kernels.snippets.service import SCOPES, Filters, Snippets
from orrery_kernels.snippets.views import SnippetView
from orrery_kernels.text import clean

if TYPE_CHECKING:
    from orrery_kernels.snippets.service import OnDuplicate
    from orrery_wire.types.snippets import ExportFormat, ImportReport, Scope

_FORMATS = ("code-snippets", "elyra")
_SORTS = ("relevance", "name", "updated", "used", "position")


@click.group(context_settings=GROUP_SETTINGS)
def snippets() -> None:
    """Find, print, save and share snippets.

    A snippet is named by its name, a prefix or its id.

    \b
    orrery snippets list parquet
    orrery snippets print lake-read df=train > read.py
    orrery snippets save "Clean names" clean.py --tags eda --prefix clean
    """


snippets.add_command(libraries)


@snippets.command("list")
@click.argument("words", nargs=-1)
@click.option("--tag", multiple=True, help="Only with this tag; may be given again.")
@click.option("--language", help="Only in this language.")
@click.option("--scope", type=click.Choice([*SCOPES, "library"]), help="Only of this scope.")
@click.option("--project", help="Only of this project.")
@click.option("--favourite", is_flag=True, help="Only favourites.")
@choice_option("--sort", _SORTS, "relevance", "The order of the list.")
@offset_option
@limit_option
@json_option
@report_errors
def list_(words: Sequence[str], as_json: bool, **filters: Unpack[Filters]) -> None:
    """List snippets that hold all the words.

    \b
    orrery snippets list parquet --tag lake
    orrery snippets list --favourite --sort used --json
    """
    listing = Snippets().list(" ".join(words), **filters)
    if as_json:
        print_json(listing.page)
    else:
        click.echo(repr(listing))


@snippets.command()
@click.argument("words", nargs=-1, required=True)
@json_option
@report_errors
def search(words: Sequence[str], as_json: bool) -> None:
    """Search name, tags, description and code.

    \b
    orrery snippets search confusion matrix
    """
    listing = Snippets().search(" ".join(words))
    if as_json:
        print_json(listing.page)
    else:
        click.echo(repr(listing))


@snippets.command()
@name_argument
@json_option
@report_errors
def show(name: str, as_json: bool) -> None:
    """Show a snippet with its code, as it was written.

    \b
    orrery snippets show lake-read
    """
    snippet = Snippets().get(name)
    if as_json:
        print_json(snippet)
    else:
        click.echo(repr(SnippetView(snippet, shown_placeholders(snippet))))


@snippets.command("print")
@name_argument
@click.argument("values", nargs=-1)
@report_errors
def print_(name: str, values: Sequence[str]) -> None:
    """Print the code of a snippet, with values for its placeholders.

    A value goes to a placeholder by its number, its default text or its variable.

    \b
    orrery snippets print lake-read df=train
    orrery snippets print lake-read 1=train 2=iris > read.py
    """
    click.echo(Snippets().render(name, dict(_pair(value) for value in values)))


def _pair(value: str) -> tuple[str, str]:
    name, equals, text = value.partition("=")
    if not equals or not name:
        raise UsageError(f"{value!r} is not of the form placeholder=value")
    return name, text


@snippets.command()
@click.argument("name")
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
@click.option("--tags", help="Tags, with commas between them.")
@click.option("--description", help="What it is for.")
@click.option(
    "--prefix",
    multiple=True,
    help="A short word that offers it as a completion; may be given again.",
)
@click.option("--language", help="Its language; python if not given.")
@click.option(
    "--vscode", is_flag=True, help="The text is a VS Code snippet body with $1, ${2:x} and so on."
)
@click.option("--replace", is_flag=True, help="Put it in the place of one with the same name.")
@scope_option
@project_option
@secrets_option
@json_option
@report_errors
def save(
    name: str,
    file: TextIO,
    tags: str | None,
    description: str | None,
    prefix: Sequence[str],
    language: str | None,
    vscode: bool,
    replace: bool,
    scope: Scope,
    project: str | None,
    allow_secrets: bool,
    as_json: bool,
) -> None:
    """Save a file or the standard input as a snippet; `# %%` lines part cells.

    \b
    orrery snippets save "Clean names" clean.py --tags eda,names
    pbpaste | orrery snippets save "From the clipboard"
    """
    saved = Snippets().save(
        name,
        file.read(),
        scope=scope,
        project=project,
        replace=replace,
        allow_secrets=allow_secrets,
        description=description,
        tags=None if tags is None else split_tags(tags),
        prefix=prefix or None,
        language=language,
        syntax="vscode" if vscode else None,
    )
    if as_json:
        print_json(saved)
    else:
        click.echo(f"Saved {clean(saved['name'])!r} ({saved['id']}), version {saved['version']}")


def split_tags(text: str) -> list[str]:
    """The tags in a text with commas."""
    return [tag.strip() for tag in text.split(",") if tag.strip()]


@snippets.command()
@name_argument
@secrets_option
@report_errors
def edit(name: str, allow_secrets: bool) -> None:
    """Edit the code of a snippet in $EDITOR; saving and closing keeps it as a new version.

    \b
    EDITOR=nano orrery snippets edit lake-read
    """
    service = Snippets()
    snippet = service.get(name)
    if not snippet["writable"]:
        raise UsageError(
            f"{snippet['name']!r} is read-only", remedy="Print it and save it as your own."
        )
    before = cell_text.to_text(snippet["cells"])
    after = click.edit(before, extension=".py" if snippet["language"] == "python" else ".txt")
    if after is None or after == before:
        click.echo("Nothing was changed")
        return
    saved = service.update(snippet, after, allow_secrets=allow_secrets)
    click.echo(f"Saved {clean(saved['name'])!r}, version {saved['version']}")


@snippets.command()
@name_argument
@yes_option
@report_errors
def delete(name: str, yes: bool) -> None:
    """Delete a snippet; `undelete` brings it back for 30 days.

    \b
    orrery snippets delete "Clean names" --yes
    """
    service = Snippets()
    snippet = service.get(name)
    if not yes:
        click.confirm(f"Delete {clean(snippet['name'])!r}?", abort=True, err=True)
    service.delete(snippet["id"])
    click.echo(f"Deleted. To bring it back: orrery snippets undelete {snippet['id']}")


snippets.add_command(
    undelete_command(
        "id", "Bring a deleted snippet back, by its id.", lambda key: Snippets().undelete(key)
    )
)


@snippets.command()
@name_argument
@click.option("--off", is_flag=True, help="Take the mark away.")
@report_errors
def favourite(name: str, off: bool) -> None:
    """Mark a snippet as a favourite."""
    snippet = Snippets().favourite(name, not off)
    state = "is a favourite" if snippet["favourite"] else "is no favourite any more"
    click.echo(f"{clean(snippet['name'])!r} {state}")


@snippets.command()
@name_argument
@json_option
@report_errors
def history(name: str, as_json: bool) -> None:
    """List the versions of a snippet, newest first."""
    versions = Snippets().history(name)
    if as_json:
        print_json(versions.items)
    else:
        click.echo(repr(versions))


@snippets.command()
@name_argument
@click.argument("version", type=click.IntRange(min=1))
@report_errors
def restore(name: str, version: int) -> None:
    """Make an earlier version of a snippet the present one.

    \b
    orrery snippets restore "Clean names" 2
    """
    snippet = Snippets().restore(name, version)
    click.echo(
        f"{clean(snippet['name'])!r} is as in version {version};"
        f" this is version {snippet['version']}"
    )


@snippets.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@choice_option(
    "--on-duplicate",
    ["skip", "copy", "replace"],
    "skip",
    "What to do with one that is there already.",
)
@scope_option
@project_option
@secrets_option
@json_option
@report_errors
def import_(
    paths: Sequence[Path],
    on_duplicate: OnDuplicate,
    scope: Scope,
    project: str | None,
    allow_secrets: bool,
    as_json: bool,
) -> None:
    """Import snippet files of VS Code, Elyra or jupyterlab-code-snippets, scripts, or folders of them.

    \b
    orrery snippets import ~/.config/Code/User/snippets
    orrery snippets import ~/scripts
    orrery snippets import team.code-snippets --scope project --on-duplicate replace
    """
    report = Snippets().import_files(
        *paths,
        scope=scope,
        project=project,
        on_duplicate=on_duplicate,
        allow_secrets=allow_secrets,
        progress=_print_progress if sys.stderr.isatty() else None,
    )
    if as_json:
        print_json(report)
    else:
        _print_report(report)
    if report["failed"]:
        raise click.exceptions.Exit(1)


def _print_progress(done: int, total: int) -> None:
    click.echo(f"\r{done:,} of {total:,} snippets", nl=False, err=True)


def _print_report(report: ImportReport) -> None:
    click.echo(
        f"{len(report['created'])} created, {len(report['replaced'])} replaced,"
        f" {len(report['skipped'])} skipped, {len(report['failed'])} failed"
    )
    groups = (
        ("skipped", report["skipped"]),
        ("failed", report["failed"]),
        ("changed", report["notes"]),
    )
    for kind, problems in groups:
        for problem in problems:
            line = f":{problem['line']}" if problem.get("line") else ""
            where = f"{problem['file']}{line}: {problem['name']}".rstrip(": ")
            click.echo(f"  {kind}: {clean(where)}: {clean(problem['reason'])}", err=True)
    if report["created"] or report["replaced"]:
        click.echo("To take it back: orrery snippets undo-import")


@snippets.command("undo-import")
@json_option
@report_errors
def undo_import(as_json: bool) -> None:
    """Take back what the last import added and replaced.

    \b
    orrery snippets undo-import
    """
    job = Snippets().undo_import()
    if as_json:
        print_json(job)
        return
    click.echo("The import was taken back")
    for problem in job["undo"]:
        click.echo(f"  left: {clean(problem['name'])}: {clean(problem['reason'])}", err=True)


@snippets.command()
@click.argument("names", nargs=-1, shell_complete=complete_names)
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
@report_errors
def export(names: Sequence[str], format_: ExportFormat, output: Path) -> None:
    """Write snippets to files; without a name all of them. Existing files are not overwritten.

    \b
    orrery snippets export lake-read "Clean names" --output shared
    """
    for path in Snippets().export(*names, format=format_, folder=output):
        click.echo(str(path))
