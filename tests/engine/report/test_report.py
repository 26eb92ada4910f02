"""A report says what was found, runs nothing, and takes all that comes from data as text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache

import numpy as np
import polars as pl
import pytest
from mistune import create_markdown
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from orrery_engine import alerts
from orrery_engine.report import render
from orrery_engine.report.charts import bars, sparkline, steps
from orrery_engine.report.html import theme
from orrery_engine.report.markdown import span
from orrery_engine.report.parts import number, percent, shown, size
from orrery_engine.schemas import (
    Alert,
    Association,
    Check,
    CheckResult,
    CheckResults,
    ColumnProfile,
    Comparison,
    Drift,
    Duplicates,
    Histogram,
    MissingPattern,
    Options,
    Overview,
    ReportFormat,
    Result,
    Sampling,
    TargetEffect,
    TextProfile,
    Top,
)
from tests.engine.pages import Reader
from tests.engine.tables import FrameTable, profiled, result
from tests.loops import each
from tests.security.hostile.expansions import EXPANSIONS
from tests.security.hostile.markup import markup

HOSTILE = tuple(
    dict.fromkeys(
        [
            *markup(),
            *EXPANSIONS,
            "a|b",
            "a\\|b",
            "`",
            "```",
            "a`b``c",
            "\\",
            "<!-- -->",
            "http://canary.invalid/",
            "www.canary.invalid",
            "x@canary.invalid",
            "=cmd|' /C calc'!A0",
            "\u202e\u2066x",
            "\ud800",
        ]
    )
)
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "h1",
    "h2",
    "h3",
    "h4",
    "section",
    "p",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
TAGS |= {"details", "summary", "bdi", "code", "svg", "path"}
ATTRIBUTES = {
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "scope",
    "align",
    "role",
    "aria-label",
    "width",
}
ATTRIBUTES |= {"height", "viewbox", "d", "fill", "stroke", "style"}
STYLES = {"text-align:left", "text-align:right"}


def everything(text: str) -> tuple[Result, tuple[ColumnProfile, ...]]:
    """A result with the text in every place that a text of data can be in."""
    text = text.encode("utf-8", "backslashreplace").decode()
    column = ColumnProfile(
        index=0,
        name=text,
        type="text",
        dtype=text,
        count=3,
        distinct=2,
        minimum=text,
        maximum=text,
        top=(Top(value=text, count=2),),
        text=TextProfile(
            shortest=1,
            longest=9,
            mean_length=4.0,
            blank=1,
            words=(Top(value=text, count=1),),
            patterns=(Top(value=text, count=1),),
            looks_like="email",
            looks_like_share=0.5,
        ),
        note=text,
    )
    alert = Alert(
        id="drift:0",
        code="drift",
        level="serious",
        columns=(0,),
        names=(text,),
        message=text,
        evidence=text,
    )
    overview = Overview(
        rows=3,
        columns=1,
        missing=0,
        bytes=10,
        duplicates=Duplicates(rows=1, examples=((text,),)),
        sampling=Sampling(rows=3, of=9, why=text, margin=0.1),
        head=((text,),),
        names=(text,),
        associations=(Association(a=0, b=0, measure="pearson", value=0.5, rows=3),),
        patterns=(MissingPattern(columns=(0,), rows=1),),
        target=0,
        effects=(TargetEffect(column=0, measure="cramers_v", value=0.5),),
        alerts=(alert,),
        notes=(text,),
    )
    drift = Drift(
        name=text,
        change="drifted",
        level="warning",
        before=(1, 2),
        after=(2, 1),
        labels=(text, text),
        fresh=(text,),
        note=text,
    )
    check = Check(code="matches", column=text, pattern=text, why=text)
    checks = CheckResults(
        name=text,
        results=(CheckResult(check=check, passed=False, examples=(text,), message=text),),
    )
    found = result(
        overview,
        name=text[:400] or "x",
        comparison=Comparison(drifts=(drift,), alerts=(alert,)),
        checks=checks,
    )
    return found, (column,)


def test_two_hundred_hostile_texts_are_at_hand() -> None:
    assert len(HOSTILE) >= 200


@cache
def _plain(kind: ReportFormat, *, brief: bool) -> str:
    """The report of a harmless text, to which those of all hostile ones are compared."""
    return render(*everything("plain"), kind, brief=brief).content


@cache
def _usual(read: Callable[[str], str], plain: str) -> Reader:
    return Reader(read(plain))


@pytest.mark.parametrize("brief", [False, True])
@each("hostile", HOSTILE)
def test_hostile_texts_stay_text_in_html(hostile: str, brief: bool) -> None:
    found, columns = everything(hostile)
    page = render(found, columns, "html", brief=brief).content
    read = Reader(page)
    plain = Reader(_plain("html", brief=brief))
    assert set(read.tags) <= TAGS
    assert read.comments == 0
    assert {name for name, _ in read.attributes} <= ATTRIBUTES
    assert read.tags == plain.tags
    assert [name for name, _ in read.attributes] == [name for name, _ in plain.attributes]
    assert {value for name, value in read.attributes if name == "style"} <= STYLES
    values = {value for name, value in read.attributes if name not in ("content", "style")}
    assert not any("canary" in value or ":" in value.replace("stroke:", "") for value in values)
    assert shown(columns[0].name) in "".join(read.text)


@pytest.mark.parametrize("brief", [False, True])
@each("hostile", HOSTILE)
def test_hostile_texts_stay_text_in_markdown(hostile: str, brief: bool) -> None:
    found, columns = everything(hostile)
    document = render(found, columns, "markdown", brief=brief).content
    plain = _plain("markdown", brief=brief)
    for read in (_by_mistune, markdown2html_mistune):
        page, usual = Reader(read(document)), _usual(read, plain)
        wanted = [tag for tag in usual.tags if tag not in ("code", "em")]
        assert [tag for tag in page.tags if tag not in ("code", "em")] == wanted
        allowed = {"id", "class", "href", "style", "align"}
        assert {name for name, _ in page.attributes} <= allowed
        outside = [value for name, value in page.attributes if name == "href"]
        assert all(value.startswith("#") for value in outside)
    assert document.count("\n") == plain.count("\n")


def _by_mistune(text: str) -> str:
    plugins = ["table", "url", "strikethrough", "footnotes", "task_lists"]
    return str(create_markdown(escape=False, plugins=plugins)(text))


def test_a_code_span_ends_where_it_should() -> None:
    assert span("plain") == "`plain`"
    assert span("a`b") == "``a`b``"
    assert span("`a") == "`` `a ``"
    assert span("a|b") == "`a\\|b`"
    assert "|" not in span("a\\|b")
    assert span("  ") == "*2 blank*"
    assert span("") == "*empty*"
    assert "\n" not in span("a\nb")


def numbers(rows: int = 5_000) -> FrameTable:
    random = np.random.default_rng(1)
    columns = {f"number {n}": random.normal(size=rows) * 10**n for n in range(12)}
    return FrameTable(
        pl.DataFrame(columns).with_columns(
            pl.Series("kind", random.choice(["a", "b", "c"], rows)),
            pl.Series("word", [f"word {n} of many others" for n in range(rows)]),
            *(pl.Series(f"time {n}", range(rows)).cast(pl.Datetime("ms")) for n in range(6)),
        )
    )


def test_the_page_is_small_and_static() -> None:
    overview, columns = profiled(numbers())
    assert len(columns) == 20
    page = render(result(overview), columns).content
    assert len(page.encode()) < 1_000_000
    assert "<script" not in page
    assert "url(" not in page
    assert "http:" not in page
    assert "https:" not in page
    assert "default-src &#x27;none&#x27;" in page
    assert page.count("<svg") >= 18
    assert "prefers-color-scheme:dark" in page


def test_the_page_says_what_was_found() -> None:
    table = FrameTable(pl.DataFrame({"price": [1.0, 2.0, None, 400.0] * 50, "always": ["x"] * 200}))
    overview, columns = profiled(table)
    overview = overview.model_copy(update={"alerts": alerts.find(overview, columns, Options())})
    found = result(overview)
    for kind in ("html", "markdown"):
        for brief in (True, False):
            said = render(found, columns, kind, brief=brief).content
            said = said.replace("\\", "")
            for wanted in ("200", "price", "25.0%", "Always the same value", "shop.parquet"):
                assert wanted in said, (kind, brief, wanted)
    assert "█" in render(found, columns, "markdown").content


def test_the_brief_form_survives_a_sanitizer() -> None:
    found, columns = everything("plain")
    brief = render(found, columns, brief=True).content
    read = Reader(brief)
    assert set(read.tags) <= {
        "h3",
        "h4",
        "p",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "bdi",
        "code",
    }
    assert {name for name, _ in read.attributes} == {"align", "style"}
    assert {said for name, said in read.attributes if name == "style"} == STYLES


def test_names_and_types_are_those_of_files() -> None:
    found, columns = everything("../../etc/passwd <b>")
    for kind, ending, media in (
        ("html", ".html", "text/html"),
        ("markdown", ".md", "text/markdown"),
        ("json", ".json", "application/json"),
    ):
        report = render(found, columns, kind)
        assert re.fullmatch(r"[A-Za-z0-9-]+" + re.escape(ending), report.name)
        assert report.type == media
        assert not report.scripts


def test_json_holds_all_of_it() -> None:
    found, columns = everything("plain")
    told = json.loads(render(found, columns, "json").content)
    assert Result.model_validate(told["result"]) == found
    assert tuple(ColumnProfile.model_validate(one) for one in told["columns"]) == columns


def test_the_first_rows_and_the_target_come_before_all_else() -> None:
    found, columns = everything("plain")
    for brief in (False, True):
        said = render(found, columns, "markdown", brief=brief).content
        titles = [line[3:] for line in said.splitlines() if line.startswith("## ")]
        assert titles[:2] == ["Overview", "First rows"]
        assert titles[2].startswith("Target ")


def test_a_pair_of_columns_is_there_once_with_both_of_its_measures() -> None:
    pairs = tuple(
        Association.model_validate({"a": 0, "b": 1, "measure": measure, "value": value, "rows": 9})
        for measure, value in (("spearman", 0.98), ("pearson", 0.91))
    )
    overview = Overview(rows=9, columns=2, names=("left", "right"), associations=pairs)
    said = render(result(overview), [], "markdown").content
    (line,) = [line for line in said.splitlines() if "`left`" in line and "`right`" in line]
    assert [cell.strip() for cell in line.strip("|").split("|")[2:]] == [
        *("Spearman", "0.980", "Pearson 0.910", "9")
    ]


def test_times_are_local_and_say_their_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        said = render(result(Overview(rows=1, columns=1)), [], "html").content
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "2026-11-21 21:00 JST" in said


def test_a_share_of_a_sample_is_marked() -> None:
    text = TextProfile(
        shortest=1, longest=9, mean_length=3, blank=0, looks_like="json", looks_like_share=0.75
    )
    column = ColumnProfile(index=0, name="a", type="text", dtype="t", count=9, text=text)
    overview = Overview(rows=9, columns=1)
    exact = render(result(overview), [column], "markdown").content
    assert "json \\(75.0%\\)" in exact
    sampled = column.model_copy(update={"text": text.model_copy(update={"estimated": True})})
    assert "json \\(≈ 75.0%\\)" in render(result(overview), [sampled], "markdown").content


def test_sections_that_were_not_asked_for_are_left_out() -> None:
    found, columns = everything("plain")
    options = found.run.options.model_copy(update={"sections": ("preliminary",)})
    few = found.model_copy(update={"run": found.run.model_copy(update={"options": options})})
    said = render(few, columns).content
    assert "First rows" in said
    assert "Associations" not in said
    assert "<h2>Columns" not in said


def test_thousands_of_columns_are_told_in_part() -> None:
    columns = [
        ColumnProfile(
            index=n,
            name=f"c{n}",
            type="float",
            dtype="f8",
            count=10,
            histogram=Histogram(edges=(0.0, 1.0), counts=(10,)),
        )
        for n in range(2_395)
    ]
    found = result(Overview(rows=10, columns=len(columns)))
    assert render(found, columns).content.count("<details>") == 500
    assert len(render(found, columns, brief=True).content) < 60_000


def test_the_lab_gives_its_colours_and_nothing_else() -> None:
    rule = theme(
        {
            "--jp-layout-color0": "#fff",
            "--jp-brand-color1": "rgb(1, 2, 3)",
            "--jp-ui-font-family": "system-ui, 'Segoe UI'",
            "--jp-evil": "red}body{background:url(//canary.invalid)",
            "--jp-url": "url(x)",
            "--other": "#fff",
            "--jp-x</style><script>": "#fff",
        }
    )
    assert rule == (
        ":root{--jp-layout-color0:#fff;--jp-brand-color1:rgb(1, 2, 3);"
        "--jp-ui-font-family:system-ui, 'Segoe UI'}"
    )
    assert theme({}) == ""
    found, columns = everything("plain")
    page = render(found, columns, variables={"--jp-layout-color0": "#123456"}).content
    assert "--jp-layout-color0:#123456" in page


def test_counts_are_drawn_to_scale() -> None:
    assert sparkline([0, 1, 4, 8]) == " ▁▄█"
    assert sparkline([]) == sparkline([0, 0]) == bars([]) == bars([0]) == steps([0]) == ""
    assert len(sparkline(range(100))) == 20
    assert bars([1, 2]).count("M") == 2
    assert "v-32.0" in bars([1, 2])
    assert len(bars([1] * 1_000)) < 3_000


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "-"),
        (0.0, "0"),
        (1234567, "1,234,567"),
        (1.5, "1.5"),
        (1e308, "1.000e+308"),
        (1e-7, "1.000e-07"),
        (123.456, "123.5"),
        (-0.001, "-0.001"),
    ],
)
def test_numbers_are_short(value: float | None, said: str) -> None:
    assert number(value) == said


def test_shares_are_never_rounded_to_nothing_or_all() -> None:
    assert percent(1, 100_000) == "< 0.1%"
    assert percent(99_999, 100_000) == "> 99.9%"
    assert percent(0, 5) == "0.0%"
    assert percent(None) == percent(1, 0) == "-"
    assert size(1_500_000) == "1.5 MB"


def test_what_cannot_be_seen_is_written_out() -> None:
    assert shown("a\nb\x00\u202ec") == "a\\nb\\x00\\u202ec"
    assert shown("é 漢 😀") == "é 漢 😀"
    assert shown("x" * 300) == "x" * 200 + "…"


def test_the_module_writes_a_report_from_standard_input() -> None:
    found, columns = everything("plain <b>")
    told = render(found, columns, "json").content
    page = _module(told, "--format", "html")
    assert page.stdout.startswith("<!DOCTYPE html>")
    assert "plain &lt;b&gt;" in page.stdout
    assert _module(told, "--brief").stdout.startswith("<h3>")
    assert _module(told, "--format", "markdown").stdout.startswith("# ")
    wrong = _module('{"result": 1}')
    assert wrong.returncode == 2
    assert "not a result" in wrong.stderr


def _module(given: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orrery_engine.report", *options],
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
