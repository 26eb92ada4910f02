"""``orrery eda``: profiles from a terminal or a schedule. Exit codes: 0 fine, 1 something was found, 2 it failed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from orrery_kernels.eda.api import run
from orrery_kernels.eda.views import Found
from orrery_kernels.eda.wanted import NULLS, SECTIONS, How
from orrery_kernels.errors import Misused, OrreryError
from orrery_kernels.text import clean

_FAILS = ("serious", "warning", "drift", "checks")
_ENDINGS = {".html": "html", ".htm": "html", ".json": "json", ".md": "markdown"}
_LEVELS = {"serious": ("serious",), "warning": ("serious", "warning")}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("source")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    help="Write the report here; its ending says as what.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("html", "json", "markdown")),
    help="As what to write the report.",
)
@click.option("--against", help="The older or reference side: tell what changed since.")
@click.option(
    "--checks",
    "suite",
    type=click.Path(exists=True, dir_okay=False),
    help="A suite (JSON) to run on the source.",
)
@click.option(
    "--suggest",
    type=click.Path(dir_okay=False),
    help="Write the checks that the profile suggests: .json, .py (pandera) or .sql.",
)
@click.option("--target", help="The column to be predicted.")
@click.option("--sample", type=click.IntRange(min=1), help="Look at so many rows.")
@click.option("--sections", default=",".join(SECTIONS), show_default=True, help="What to look at.")
@click.option(
    "--nulls",
    type=click.Choice(NULLS),
    default="skip",
    show_default=True,
    help="What stands for a missing value in pairs.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=120.0,
    show_default=True,
    help="Budget of time.",
)
@click.option("--exact", is_flag=True, help="Count exactly, whatever it takes.")
@click.option(
    "--fail-on",
    type=click.Choice(_FAILS),
    multiple=True,
    help="Exit with 1 on alerts of that level, drift, or broken checks; may be given again.",
)
@click.option("--quiet", is_flag=True, help="Say nothing of the progress.")
def eda(
    source: str,
    output: str | None,
    form: str | None,
    suggest: str | None,
    quiet: bool,
    **asked: Any,
) -> None:
    """Profile, compare or check a file, a lake, an object store or a table.

    \b
    orrery eda sales.parquet -o report.html
    orrery eda new.csv --against old.csv --fail-on drift
    orrery eda sales.parquet --suggest checks.json
    orrery eda new.parquet --checks checks.json --fail-on checks
    orrery eda 'postgresql://me:${DB_PASSWORD}@host/shop#public.orders'
    """
    try:
        found = _found(source, asked, quiet=quiet)
        _write(found, output, form)
        if suggest:
            Path(suggest).write_text(found.to_checks(_checks_format(suggest)), encoding="utf-8")
    except OrreryError as problem:
        click.echo(f"Error: {clean(problem)}", err=True)
        sys.exit(2)
    except OSError as problem:
        click.echo(f"Error: {clean(problem)}", err=True)
        sys.exit(2)
    sys.exit(1 if any(_failed(found, kind) for kind in asked["fail_on"]) else 0)


def _found(source: str, asked: dict[str, Any], *, quiet: bool) -> Found:
    suite = _suite(asked["suite"])
    if suite is not None and asked["against"]:
        raise Misused("Either --checks or --against can be given, not both")
    task = "checks" if suite is not None else "comparison" if asked["against"] else "profile"
    how = How(
        target=asked["target"],
        sample=asked["sample"],
        sections=[one.strip() for one in asked["sections"].split(",") if one.strip()],
        nulls=asked["nulls"],
        seconds=asked["seconds"],
        exact=asked["exact"],
    )
    last = [""]

    def told(now: dict[str, Any]) -> None:
        said = f"{now['stage']} {now['progress']:.0%}"
        if not quiet and sys.stderr.isatty() and said != last[0]:
            click.echo(f"\r\x1b[K{said}", nl=False, err=True)
            last[0] = said

    try:
        return run(
            task,
            source,
            asked["against"] or None,
            suite=suite,
            how=how,
            told=told,
            note=lambda text: click.echo(text, err=True),
        )
    finally:
        if last[0]:
            click.echo("\r\x1b[K", nl=False, err=True)


def _suite(path: str | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as problem:
        raise Misused(f"{path} is no suite of checks", reason=str(problem)) from None
    if not isinstance(found, dict):
        raise Misused(f"{path} is no suite of checks", reason="It holds no object.")
    return found


def _write(found: Found, output: str | None, form: str | None) -> None:
    if output is None and form is None:
        click.echo(repr(found))
        return
    chosen = form or _ENDINGS.get(Path(output or "").suffix.lower(), "html")
    if chosen == "json":
        content = json.dumps(found.to_dict(), indent=1, ensure_ascii=False) + "\n"
    else:
        content = found.to_html() if chosen == "html" else found.to_markdown()
    if output is None:
        click.echo(content)
        return
    Path(output).write_text(content, encoding="utf-8")
    click.echo(repr(found), err=True)


def _checks_format(path: str) -> str:
    return {".py": "pandera", ".sql": "sql"}.get(Path(path).suffix.lower(), "json")


def _failed(found: Found, kind: str) -> bool:
    if kind == "checks":
        return not found.passed
    if kind == "drift":
        return any(one["change"] != "same" for one in found.comparison.get("drifts", ()))
    return any(one["level"] in _LEVELS[kind] for one in found.alerts)
