"""What the magics do, against a server that a test can make answer anything."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from orrery_kernels.magics import magic_classes
from orrery_kernels.magics.snippets import COMMANDS, OPTIONS, VERBS
from tests.kernels.hostile import STRINGS
from tests.kernels.stub import Stub, answer_json, page, snippet

PACKAGE = Path(__file__).parents[2] / "kernels" / "orrery_kernels"


class Here:
    """A shell with the magics, and what was put into the next cell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.next: list[str] = shell.next_cells

    def snip(self, line: str) -> Any:
        return self.shell.run_line_magic("snip", line)

    def cell(self, line: str, cell: str) -> Any:
        return self.shell.run_cell_magic("snip", line, cell)


@pytest.fixture
def here(
    stub: Stub, shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Here:
    monkeypatch.chdir(tmp_path)
    shell.run_line_magic("load_ext", "orrery_kernels")
    stub.answers["GET projects/current"] = answer_json(200, {"project": None})
    stub.answers["PATCH snippets/s1/marks"] = answer_json(200, snippet())
    stub.default = answer_json(404, {"code": "not_found", "message": "There is none"})
    return Here(shell)


def offer(stub: Stub, *items: dict[str, Any]) -> None:
    """Make the server list these."""
    stub.answers["GET snippets"] = answer_json(200, page(*items))


def sent(stub: Stub, method: str, path: str) -> Any:
    """The body of the one request of a kind."""
    (body,) = [b for m, p, _, b in stub.asked if m == method and p.endswith("/orrery/" + path)]
    return body


def complete(here: Here, line: str) -> set[str]:
    """What a notebook offers at the end of a line, in the way that ipykernel asks."""
    with provisionalcompleter():
        return {found.text for found in here.shell.Completer.completions(line, len(line))}


def test_insert_puts_the_code_into_the_next_cell(here: Here, stub: Stub) -> None:
    offer(stub, snippet())
    assert here.snip("Read wine") is None
    assert here.next == ["x = 1"]
    assert sent(stub, "PATCH", "snippets/s1/marks") == {"used": True}


@pytest.mark.parametrize(
    "name", ["Read wine", "read WINE", "read-wine", "'Read wine'", "wine-read", "s1", "Read w"]
)
def test_ways_to_name_a_snippet(here: Here, stub: Stub, name: str) -> None:
    offer(stub, snippet(prefixes=["wine-read"]), snippet("Read wine lists", id="s2"))
    if name == "Read w":
        with pytest.raises(UsageError, match="2 snippets fit 'Read w'\n  s1  Read wine"):
            here.snip(name)
        return
    here.snip(name)
    assert here.next == ["x = 1"]


def test_values_go_by_number_by_default_and_by_variable(here: Here, stub: Stub) -> None:
    body = "${1:df} = read('${LAKE:lake}/${2|wine,iris|}', ${3:${DATAFRAME}})\n$1.head()"
    offer(stub, snippet(syntax="vscode", cells=[{"kind": "code", "source": body}]))
    here.snip("s1 df=train 2=iris")
    here.snip("s1 'df=my frame' LAKE=s3://b DATAFRAME=sales")
    assert here.next == [
        "train = read('lake/iris', train)\ntrain.head()",
        "my frame = read('s3://b/wine', sales)\nmy frame.head()",
    ]


def test_value_is_put_in_as_it_is(here: Here, stub: Stub) -> None:
    offer(stub, snippet(syntax="vscode", cells=[{"kind": "code", "source": "${1:df}"}]))
    here.snip("s1 'df=${2:x} $(id) {7*7} $0'")
    assert here.next == ["${2:x} $(id) {7*7} $0"]


def test_value_for_nothing_is_told(here: Here, stub: Stub) -> None:
    offer(stub, snippet(syntax="vscode", cells=[{"kind": "code", "source": "${1:df} ${2:a b}"}]))
    with pytest.raises(UsageError, match="no placeholder frame\n  It has: 2, df"):
        here.snip("s1 frame=x")
    offer(stub, snippet())
    with pytest.raises(UsageError, match="no placeholders"):
        here.snip("s1 frame=x")


def test_chosen_dataframe_and_project(
    here: Here, stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    (tmp_path / "home" / "sample" / "lake").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    project = {"slug": "sample", "lake": "/srv/sample/lake"}
    stub.answers["GET projects/current"] = answer_json(200, {"project": project})
    offer(
        stub,
        snippet(syntax="vscode", cells=[{"kind": "code", "source": "$DATAFRAME $PROJECT $LAKE"}]),
    )
    here.shell.user_ns["sales"] = pd.DataFrame()
    here.snip("s1")
    here.shell.user_ns["df"] = pd.DataFrame()
    here.snip("s1")
    assert here.next == ["sales sample home/sample/lake", "df sample home/sample/lake"]


def test_lake_elsewhere_is_its_url(here: Here, stub: Stub) -> None:
    project = {"slug": "sample", "lake": "s3://bucket/lake"}
    stub.answers["GET projects/current"] = answer_json(200, {"project": project})
    offer(stub, snippet(syntax="vscode", cells=[{"kind": "code", "source": "$LAKE"}]))
    here.snip("s1")
    assert here.next == ["s3://bucket/lake"]


def test_several_cells_become_one_with_comments(here: Here, stub: Stub) -> None:
    cells = [
        {"kind": "markdown", "source": "# Title\n\ntext"},
        {"kind": "code", "source": "a = 1"},
        {"kind": "code", "source": "b = 2"},
    ]
    offer(stub, snippet(cells=cells))
    here.snip("s1")
    assert here.next == ["# # Title\n#\n# text\n\na = 1\n\nb = 2"]
    here.snip("-x s1")
    assert (here.shell.user_ns["a"], here.shell.user_ns["b"]) == (1, 2)


def test_run_stops_at_an_error(here: Here, stub: Stub, capsys: pytest.CaptureFixture[str]) -> None:
    offer(
        stub,
        snippet(cells=[{"kind": "code", "source": "1/0"}, {"kind": "code", "source": "later = 1"}]),
    )
    with pytest.raises(UsageError, match="stopped"):
        here.snip("-x s1")
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert "later" not in here.shell.user_ns


def test_other_languages(here: Here, stub: Stub) -> None:
    offer(stub, snippet(language="bash"))
    here.snip("s1")
    assert here.next == ["%%bash\nx = 1"]
    offer(stub, snippet(language="r"))
    with pytest.raises(UsageError, match="written in r"):
        here.snip("s1")


def test_use_that_cannot_be_counted_keeps_nothing_back(here: Here, stub: Stub) -> None:
    offer(stub, snippet())
    stub.answers["PATCH snippets/s1/marks"] = answer_json(507, {"message": "full"})
    here.snip("s1")
    assert here.next == ["x = 1"]


def test_list_and_show_escape_what_people_wrote(here: Here, stub: Stub) -> None:
    evil = "<img src=x onerror=alert(1)>\x1b[2J\u202e"
    offer(
        stub,
        snippet(
            evil,
            description=evil,
            tags=[evil],
            cells=[{"kind": "code", "source": evil}],
            requires=["os"],
        ),
    )
    for shown in (here.snip("list some words"), here.snip(f"show '{evil}'")):
        assert "<img" not in shown._repr_html_()
        assert not {"\x1b", "\u202e"} & set(repr(shown) + shown._repr_html_())
    assert stub.asked[0][1].startswith("/user/ada/orrery/snippets?q=some+words")


def test_list_says_how_many(here: Here, stub: Stub) -> None:
    offer(stub, snippet(prefixes=["rw"], tags=["a", "b"], favourite=True))
    shown = repr(here.snip("list"))
    assert "rw" in shown
    assert "★ Read wine" in shown
    assert shown.endswith("1 of 1 snippets")


def test_show_names_the_placeholders(here: Here, stub: Stub) -> None:
    offer(stub, snippet(syntax="vscode", cells=[{"kind": "code", "source": "${1:df} ${2:a b} $0"}]))
    assert "Placeholders: df, 2" in repr(here.snip("show s1"))


def test_save_cell(here: Here, stub: Stub) -> None:
    offer(stub)
    stub.answers["POST snippets"] = answer_json(201, snippet("Clean names"))
    said = here.cell(
        "save Clean names --tags a,,'b c' --prefix cn --description 'Makes names clean' --vscode",
        "x = $1\n",
    )
    body = sent(stub, "POST", "snippets")
    assert repr(said) == "Saved 'Clean names' (s1), version 1"
    assert body == {
        "name": "Clean names",
        "description": "Makes names clean",
        "tags": ["a", "b c"],
        "prefixes": ["cn"],
        "syntax": "vscode",
        "cells": [{"kind": "code", "source": "x = $1"}],
        "scope": "mine",
        "project": None,
        "allow_secrets": False,
    }


def test_save_several_cells(here: Here, stub: Stub) -> None:
    offer(stub)
    stub.answers["POST snippets"] = answer_json(201, snippet())
    here.cell("save x", "# %% [markdown]\n# # Title\n\n# %%\na = 1\n")
    assert sent(stub, "POST", "snippets")["cells"] == [
        {"kind": "markdown", "source": "# Title"},
        {"kind": "code", "source": "a = 1"},
    ]


def test_save_for_the_project(here: Here, stub: Stub) -> None:
    offer(stub)
    stub.answers["POST snippets"] = answer_json(201, snippet())
    with pytest.raises(UsageError, match="works in no project"):
        here.cell("save x --scope project", "a = 1")
    stub.answers["GET projects/current"] = answer_json(
        200, {"project": {"slug": "sample", "lake": ""}}
    )
    here.cell("save x --scope project", "a = 1")
    assert sent(stub, "POST", "snippets")["project"] == "sample"


def test_save_what_was_run(here: Here, stub: Stub) -> None:
    offer(stub)
    stub.answers["POST snippets"] = answer_json(201, snippet())
    for source in ("one = 1", "two = 2", "three = 3"):
        here.shell.run_cell(source, store_history=True)
    here.snip("save x --input 1,3")
    assert [c["source"] for c in sent(stub, "POST", "snippets")["cells"]] == [
        "one = 1",
        "three = 3",
    ]
    stub.asked.clear()
    here.snip("save x")
    assert [c["source"] for c in sent(stub, "POST", "snippets")["cells"]] == ["three = 3"]


def test_save_replaces_only_when_asked(here: Here, stub: Stub) -> None:
    offer(stub, snippet(version=7, tags=["kept"]))
    stub.answers["PUT snippets/s1"] = answer_json(200, snippet(version=8))
    with pytest.raises(UsageError, match="already a snippet"):
        here.cell("save Read wine", "a = 1")
    here.cell("save Read wine --replace", "a = 1")
    body = sent(stub, "PUT", "snippets/s1")
    assert (body["base_version"], body["tags"]) == (7, ["kept"])


def test_secret_is_told_with_its_place(here: Here, stub: Stub) -> None:
    offer(stub)
    finding = {"kind": "AWS Access Key", "cell": 0, "line": 2, "excerpt": "key = ****"}
    error = {
        "code": "secret_found",
        "message": "There is a secret in it",
        "details": {"findings": [finding]},
    }
    stub.answers["POST snippets"] = answer_json(422, error)
    with pytest.raises(UsageError, match=r"line 2: AWS Access Key: key = \*{4}\n.*--allow-secrets"):
        here.cell("save x", "\nkey = 1")
    stub.answers["POST snippets"] = answer_json(201, snippet())
    stub.asked.clear()
    here.cell("save x --allow-secrets", "\nkey = 1")
    assert sent(stub, "POST", "snippets")["allow_secrets"] is True


def test_delete_and_favourite(here: Here, stub: Stub) -> None:
    offer(stub, snippet())
    stub.answers["DELETE snippets/s1"] = answer_json(200, {})
    assert "orrery snippets undelete s1" in repr(here.snip("delete Read wine"))
    assert "is a favourite" in repr(here.snip("favourite Read wine"))
    assert [m for m, *_ in stub.asked if m in ("DELETE", "PATCH")] == ["DELETE", "PATCH"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "Which snippet"),
        ("show", "Which snippet"),
        ("-y x", "no option '-y'"),
        ("'open", "cannot be read"),
        ("save", "arguments are required"),
        ("save x --scope evil", "invalid choice"),
        ("save x --input a", "names no cells"),
        ("save x --input 999", "No cell was run"),
        ("nothing", "There is no snippet 'nothing'"),
    ],
)
def test_misuse_is_told_in_words(here: Here, stub: Stub, line: str, said: str) -> None:
    offer(stub)
    with pytest.raises(UsageError, match=said):
        here.snip(line)


def test_failure_has_no_traceback(
    here: Here, stub: Stub, capsys: pytest.CaptureFixture[str]
) -> None:
    stub.default = answer_json(
        503, {"message": "The store is off", "reason": "why", "remedy": "what"}
    )
    done = here.shell.run_cell("%snip list\nafter = 1")
    shown = capsys.readouterr()
    assert not done.success
    assert shown.err + shown.out == "UsageError: The store is off\n  why\n  what\n"
    assert "after" not in here.shell.user_ns


def test_orrery_lists_every_magic(here: Here, stub: Stub) -> None:
    stub.answers["GET status"] = answer_json(200, {"version": "0.1.0", "user": "ada", "hub": False})
    shown = repr(here.shell.run_line_magic("orrery", ""))
    lines = [line for magics in magic_classes().values() for line in magics.summary]
    assert len(lines) > 10
    assert all(line in shown for line in lines)
    assert "Orrery 0.1.0, as ada" in shown
    off = {"name": "toy", "title": "Toy", "reason": "No bricks.", "remedy": "Buy some."}
    status = {"version": "0.1.0", "user": "ada", "hub": False, "off": [off]}
    stub.answers["GET status"] = answer_json(200, status)
    assert "Toy is off: No bricks. Buy some." in repr(here.shell.run_line_magic("orrery", ""))
    stub.default = answer_json(500, {})
    stub.answers.clear()
    assert "No server" in repr(here.shell.run_line_magic("orrery", ""))


def test_help_names_every_verb_and_option(here: Here) -> None:
    text = here.shell.magics_manager.magics["line"]["snip"].__doc__
    assert all(f"snip {verb}" in text or f" {verb}" in text for verb in (*VERBS, *COMMANDS))
    assert all(option in text for option in OPTIONS)


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("%snip ", {*VERBS, "wine-read", "clean-names"}),
        ("%snip wi", {"wine-read"}),
        ("%snip show cl", {"clean-names"}),
        ("%snip -", {"-x"}),
        ("%snip save x --t", {"--tags"}),
        ("%%snip save x --scope ", {"mine", "project", "everyone"}),
        ("%%snip sa", {"save"}),
    ],
)
def test_completion(here: Here, stub: Stub, line: str, offers: set[str]) -> None:
    offer(stub, snippet(prefixes=["wine-read"]), snippet("Clean names!", id="s2"))
    found = complete(here, line)
    assert offers <= found
    assert not {"wine-read", "clean-names"} & (found - offers)


def test_completion_asks_once(here: Here, stub: Stub) -> None:
    offer(stub, snippet(prefixes=["wine-read"]))
    for line in ("%snip w", "%snip wi", "%snip win"):
        complete(here, line)
    assert len(stub.asked) == 1


def test_completion_without_a_server_offers_the_verbs(here: Here, stub: Stub) -> None:
    stub.default = answer_json(500, {})
    assert "list" in complete(here, "%snip ")


@pytest.mark.parametrize(
    "form", ["{}", "list {}", "show {}", "-x {}", "s1 {}", "save {}", "orrery"]
)
def test_hostile_lines_do_nothing_but_ask(
    here: Here, stub: Stub, tmp_path: Path, form: str
) -> None:
    """Set O: whatever stands in a line, it is at most looked for; nothing runs and no file appears."""
    canary = tmp_path / "canary"
    offer(stub, snippet(syntax="vscode", cells=[{"kind": "code", "source": "value = '${1:df}'"}]))
    stub.answers["POST snippets"] = answer_json(201, snippet())
    allowed = {"snippets", "projects/current", "snippets/s1", "snippets/s1/marks", "status"}
    here.shell.user_ns["x"] = "expanded"
    before = set(tmp_path.rglob("*")) | {canary}
    for text in STRINGS:
        line = text.replace("{canary}", str(canary))
        with suppress(UsageError):
            if form == "orrery":
                here.shell.run_line_magic("orrery", line)
            else:
                here.snip(form.replace("{}", line))
    assert not canary.exists()
    assert set(tmp_path.rglob("*")) <= before
    for _, path, _, body in stub.asked:
        asked = path.partition("?")[0].removeprefix("/user/ada/orrery/")
        assert asked in allowed or path.startswith("/user/ada/orrery/snippets/")
        assert "expanded" not in path + json.dumps(body)
        assert "49" not in json.dumps(body)


def test_no_shell_and_no_eval() -> None:
    forbidden = {
        "eval",
        "exec",
        "system",
        "popen",
        "getoutput",
        "sx",
        "var_expand",
        "ev",
        "Popen",
        "subprocess",
    }
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = (
                node.id
                if isinstance(node, ast.Name)
                else node.attr
                if isinstance(node, ast.Attribute)
                else ""
            )
            assert name not in forbidden, f"{path}: {name}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
                assert not {"subprocess", "pty", "pickle", "marshal"} & set(modules), path


def test_loading_is_light(tmp_path: Path) -> None:
    """B15: 50 ms at most, and nothing heavy comes along."""
    code = """
import json, sys, time
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
config = Config(); config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
before = set(sys.modules)
start = time.process_time()
shell.extension_manager.load_extension("orrery_kernels")
spent = time.process_time() - start
print(json.dumps([spent, sorted({m.partition(".")[0] for m in set(sys.modules) - before})]))
"""
    runs = []
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
        )
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    assert min(spent for spent, _ in runs) <= 0.05, runs
    heavy = {"click", "httpx", "jupyter_server", "mlflow", "numpy", "pandas", "pydantic", "tornado"}
    assert not heavy & set(runs[0][1])


def test_unload(here: Here) -> None:
    here.shell.run_line_magic("unload_ext", "orrery_kernels")
    assert "snip" not in here.shell.magics_manager.magics["line"]
    assert "snip" not in here.shell.magics_manager.magics["cell"]
    here.shell.run_line_magic("load_ext", "orrery_kernels")
    assert "snip" in here.shell.magics_manager.magics["line"]
