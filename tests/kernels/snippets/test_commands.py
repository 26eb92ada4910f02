"""What `orrery snippets` does, says and returns, against a server that a test can make answer anything."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from orrery_kernels.client import ENV
from orrery_kernels.snippets.commands import snippets
from orrery_kernels.snippets.service import Snippets
from tests.kernels.hostile import STRINGS
from tests.kernels.stub import TOKEN, Stub, answer_json, import_job, page, snippet


def run(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(snippets, list(words), input=stdin)


def offer(stub: Stub, *items: dict[str, Any]) -> None:
    """Make the server list these, and know nothing else."""
    stub.answers["GET snippets"] = answer_json(200, page(*items))
    stub.answers["GET projects/current"] = answer_json(200, {"project": None})
    stub.default = answer_json(404, {"code": "not_found", "message": "There is none"})


def sent(stub: Stub, method: str, path: str) -> Any:
    """The body of the one request of a kind."""
    (body,) = [b for m, p, _, b in stub.asked if m == method and p.endswith("/orrery/" + path)]
    return body


def test_list_as_table_and_as_json(stub: Stub) -> None:
    offer(stub, snippet(prefixes=["rw"], tags=["lake"]))
    table = run("list", "read", "wine", "--tag", "lake", "--sort", "used", "--limit", "5")
    assert table.exit_code == 0
    assert "Read wine" in table.output
    assert "1 of 1 snippets" in table.output
    assert "?q=read+wine&tag=lake&sort=used&offset=0&limit=5" in stub.asked[0][1]
    assert json.loads(run("list", "--json").output)["items"][0]["prefixes"] == ["rw"]
    assert json.loads(run("search", "wine", "--json").output)["total"] == 1


def test_nearest_are_said_to_be(stub: Stub) -> None:
    stub.answers["GET snippets"] = answer_json(200, {**page(snippet()), "exact_count": 0})
    lines = run("search", "read", "wine", "from", "mars").output.splitlines()
    assert lines[0] == "No snippet has all these words. Nearest:"
    assert "Read wine" in "\n".join(lines)
    assert "Nearest" in Snippets().search("read wine from mars")._repr_html_()
    several = {**page(snippet(), snippet(), snippet()), "exact_count": 1}
    stub.answers["GET snippets"] = answer_json(200, several)
    assert run("search", "wine").output.startswith("1 with all these words, and the nearest:\n")
    stub.answers["GET snippets"] = answer_json(200, page(snippet()))
    assert "earest" not in run("search", "wine").output


def test_printed_code_has_blanks_and_line_feeds_as_in_the_panel(stub: Stub) -> None:
    source = "if x:\r\n\tf()\r\t\tg('\t')"
    for syntax in ("plain", "vscode"):
        offer(stub, snippet(syntax=syntax, cells=[{"kind": "code", "source": source}]))
        assert run("print", "s1").output == "if x:\n    f()\n        g('\t')\n"
    offer(stub, snippet(language="makefile", cells=[{"kind": "code", "source": "a:\r\n\tb"}]))
    assert run("print", "s1").output == "a:\n\tb\n"


def test_show(stub: Stub) -> None:
    offer(stub, snippet(description="Reads it", requires=["pandas"]))
    shown = run("show", "Read wine").output
    assert all(word in shown for word in ("Read wine", "Reads it", "pandas", "x = 1", "s1"))
    assert json.loads(run("show", "s1", "--json").output)["id"] == "s1"


def test_print_with_values(stub: Stub) -> None:
    offer(
        stub, snippet(syntax="vscode", cells=[{"kind": "code", "source": "${1:df}.head(${2:5})"}])
    )
    assert run("print", "s1", "df=train", "2=7").output == "train.head(7)\n"
    wrong = run("print", "s1", "nope")
    assert (wrong.exit_code, "placeholder=value" in wrong.output) == (2, True)
    unknown = run("print", "s1", "frame=x")
    assert (unknown.exit_code, "It has: 2, df" in unknown.output) == (2, True)


def test_save_from_standard_input_and_file(stub: Stub, tmp_path: Path) -> None:
    offer(stub)
    stub.answers["POST snippets"] = answer_json(201, snippet("Clean"))
    done = run(
        "save",
        "Clean",
        "--tags",
        "a,b",
        "--prefix",
        "cl",
        stdin="# %% [markdown]\n# hello\n# %%\nx = 1\n",
    )
    assert done.output == "Saved 'Clean' (s1), version 1\n"
    body = sent(stub, "POST", "snippets")
    assert body["cells"] == [
        {"kind": "markdown", "source": "hello"},
        {"kind": "code", "source": "x = 1"},
    ]
    assert (body["tags"], body["prefixes"]) == (["a", "b"], ["cl"])
    stub.asked.clear()
    (tmp_path / "clean.py").write_text("y = 2\n", encoding="utf-8")
    assert run("save", "Clean", str(tmp_path / "clean.py"), "--vscode").exit_code == 0
    assert sent(stub, "POST", "snippets")["syntax"] == "vscode"
    assert run("save", "Clean", str(tmp_path / "none.py")).exit_code == 2


def test_secret_needs_a_clear_choice(stub: Stub) -> None:
    offer(stub)
    finding = {"kind": "AWS Access Key", "cell": 0, "line": 2, "excerpt": "key = ****"}
    error = {
        "code": "secret_found",
        "message": "There is a secret in it",
        "details": {"findings": [finding]},
    }
    stub.answers["POST snippets"] = answer_json(422, error)
    refused = run("save", "x", stdin="key = 1")
    assert refused.exit_code == 1
    assert "cell 1, line 2: AWS Access Key: key = ****" in refused.output
    assert "--allow-secrets" in refused.output


def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """An editor that changes the text as the code says."""
    script = tmp_path / "editor.py"
    script.write_text(
        f"import sys, pathlib\np = pathlib.Path(sys.argv[-1])\n{code}\n", encoding="utf-8"
    )
    monkeypatch.setenv("VISUAL", shlex.join([sys.executable, str(script)]))


def test_edit(stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(stub, snippet(version=3))
    stub.answers["PUT snippets/s1"] = answer_json(200, snippet(version=4))
    editor(tmp_path, monkeypatch, "p.write_text(p.read_text().replace('x', 'z'))")
    assert run("edit", "s1").output == "Saved 'Read wine', version 4\n"
    body = sent(stub, "PUT", "snippets/s1")
    assert (body["base_version"], body["cells"]) == (3, [{"kind": "code", "source": "z = 1"}])


def test_edit_without_a_change_or_a_right(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(stub, snippet())
    editor(tmp_path, monkeypatch, "pass")
    assert run("edit", "s1").output == "Nothing was changed\n"
    offer(stub, snippet(writable=False))
    assert run("edit", "s1").exit_code == 2


def test_edit_that_comes_too_late(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(stub, snippet())
    editor(tmp_path, monkeypatch, "p.write_text('late')")
    stub.answers["PUT snippets/s1"] = answer_json(
        409, {"code": "conflict", "message": "Ada saved it meanwhile"}
    )
    late = run("edit", "s1")
    assert (late.exit_code, "Ada saved it meanwhile" in late.output) == (1, True)


def test_delete_asks_first(stub: Stub) -> None:
    offer(stub, snippet())
    stub.answers["DELETE snippets/s1"] = answer_json(200, {})
    assert run("delete", "s1", stdin="n\n").exit_code == 1
    assert not [m for m, *_ in stub.asked if m == "DELETE"]
    assert "undelete s1" in run("delete", "s1", "--yes").output
    stub.answers["POST snippets/s1/undelete"] = answer_json(200, snippet())
    assert run("undelete", "s1").output == "'Read wine' is back\n"


def test_favourite_history_restore(stub: Stub) -> None:
    offer(stub, snippet())
    stub.answers["PATCH snippets/s1/marks"] = answer_json(200, snippet(favourite=True))
    assert "is a favourite" in run("favourite", "s1").output
    version = {
        "version": 2,
        "saved": "2026-11-21T02:00:00Z",
        "saved_by": "ada",
        "content": snippet(),
    }
    stub.answers["GET snippets/s1/versions"] = answer_json(200, {"items": [version]})
    assert "2026-11-21T02:00:00Z  ada" in run("history", "s1").output
    assert json.loads(run("history", "s1", "--json").output)[0]["version"] == 2
    stub.answers["POST snippets/s1/versions/2/restore"] = answer_json(200, snippet(version=5))
    assert "this is version 5" in run("restore", "s1", "2").output


def test_import_of_a_folder(stub: Stub, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.code-snippets", "b.json", "c.txt"):
        (tmp_path / "in" / name).write_text("{}", encoding="utf-8")
    problem = {"file": "b.json", "name": "x", "line": 3, "reason": "It has no body."}
    report = {"created": [{"id": "s1", "name": "A"}], "failed": [problem]}
    offer(stub)
    running = {"id": "j1", "state": "running", "done": 0, "total": 2, "report": None}
    stub.answers["POST snippets/import"] = answer_json(202, running)
    stub.answers["GET snippets/imports/j1"] = answer_json(200, import_job(**report))
    done = run("import", str(tmp_path / "in"), "--on-duplicate", "copy")
    body = sent(stub, "POST", "snippets/import")
    assert [file["name"] for file in body["files"]] == ["a.code-snippets", "b.json"]
    assert body["on_duplicate"] == "copy"
    assert done.exit_code == 1
    assert "1 created, 0 replaced, 0 skipped, 1 failed" in done.output
    assert "failed: b.json:3: x: It has no body." in done.output
    assert "undo-import" in done.output


def test_files_of_a_folder_are_named_by_their_path_and_unreadable_ones_are_told(
    stub: Stub, tmp_path: Path
) -> None:
    folder = tmp_path / "scripts"
    for name in ("plots/bar.py", ".git/x.py", "node_modules/y.js", ".vscode/a.code-snippets"):
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text("x = 1", encoding="utf-8")
    (folder / "latin.py").write_bytes(b"a = 1\nb = '\xe9'\n")
    offer(stub)
    stub.answers["POST snippets/import"] = answer_json(202, import_job())
    done = run("import", str(folder))
    names = [file["name"] for file in sent(stub, "POST", "snippets/import")["files"]]
    assert names == [".vscode/a.code-snippets", "plots/bar.py"]
    assert done.exit_code == 1
    assert "failed: latin.py:2: It is no UTF-8 text." in done.output


def test_an_import_is_taken_back(stub: Stub) -> None:
    job = import_job()
    left = {"file": "", "name": "Mine", "line": None, "reason": "It was changed since the import."}
    stub.answers["GET snippets/imports"] = answer_json(200, {"items": [job], "total": 1})
    undone = {**job, "state": "undone", "undo": [left]}
    stub.answers["POST snippets/imports/j1/undo"] = answer_json(202, undone)
    done = run("undo-import")
    assert done.exit_code == 0
    assert "left: Mine: It was changed since the import." in done.output
    stub.answers["GET snippets/imports"] = answer_json(200, {"items": [], "total": 0})
    assert "Nothing was imported" in run("undo-import").output


def test_an_import_that_was_stopped_is_an_error(stub: Stub, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    stopped = {
        **import_job(created=[{"id": "s1", "name": "A"}]),
        "state": "failed",
        "error": "Full.",
    }
    stub.answers["POST snippets/import"] = answer_json(202, stopped)
    done = run("import", str(tmp_path / "a.json"))
    assert done.exit_code == 1
    assert "Full." in done.output
    assert "1 snippets were saved before" in done.output


def test_an_import_that_could_not_be_undone_is_an_error(stub: Stub) -> None:
    left = {"file": "", "name": "Mine", "line": None, "reason": "The disk is full."}
    failed = {
        **import_job(),
        "state": "failed",
        "error": "Not all could be undone.",
        "undo": [left],
    }
    stub.answers["GET snippets/imports"] = answer_json(200, {"items": [failed], "total": 1})
    stub.answers["POST snippets/imports/j1/undo"] = answer_json(202, failed)
    done = run("undo-import")
    assert done.exit_code == 1
    assert "could not be undone completely" in done.output
    assert "1 of its changes stay" in done.output
    assert "stopped" not in done.output


def test_problems_of_a_library(stub: Stub) -> None:
    problem = {"file": "a.json", "name": "", "line": 4, "reason": "It is not JSON."}
    library = {"name": "team", "problems": [problem]}
    stub.answers["GET snippets/libraries"] = answer_json(200, {"items": [library], "total": 1})
    assert run("libraries", "problems", "team").output == "a.json:4: It is not JSON.\n"
    assert "There is no library 'x'" in run("libraries", "problems", "x").output


def test_export_stays_in_its_folder_and_overwrites_nothing(stub: Stub, tmp_path: Path) -> None:
    offer(stub, snippet())
    files = [
        {"name": "../../evil.json", "content": "{}"},
        {"name": "..\\win.json", "content": "{}"},
    ]
    stub.answers["GET snippets/export"] = answer_json(200, {"files": files})
    out = tmp_path / "out" / "deep"
    assert run("export", "s1", "--output", str(out), "--format", "elyra").exit_code == 0
    assert sorted(p.name for p in tmp_path.rglob("*.json") if "orrery-" not in p.name) == [
        "evil.json",
        "win.json",
    ]
    assert {p.parent for p in out.rglob("*.json")} == {out}
    again = run("export", "s1", "--output", str(out))
    assert (again.exit_code, "cannot be written" in again.output) == (1, True)


def test_libraries(stub: Stub) -> None:
    library = {
        "name": "team",
        "kind": "git",
        "url": "https://e/x.git",
        "count": 3,
        "state": "ready",
        "error": "",
        "problems": [],
    }
    stub.answers["GET snippets/libraries"] = answer_json(200, {"items": [library]})
    stub.answers["POST snippets/libraries"] = answer_json(201, library)
    stub.answers["DELETE snippets/libraries/team"] = answer_json(200, {})
    stub.answers["POST snippets/libraries/team/refresh"] = answer_json(
        202, {**library, "state": "refreshing"}
    )
    stub.answers["DELETE snippets/libraries/team/refresh"] = answer_json(200, {})
    assert "https://e/x.git" in run("libraries", "list").output
    assert json.loads(run("libraries", "list", "--json").output)[0]["name"] == "team"
    assert run("libraries", "add", "team", "https://e/x.git", "--ref", "main").exit_code == 0
    assert sent(stub, "POST", "snippets/libraries") == {
        "name": "team",
        "url": "https://e/x.git",
        "ref": "main",
        "folder": "",
    }
    assert run("libraries", "refresh", "team").output == "'team': refreshing\n"
    assert run("libraries", "refresh", "team", "--cancel").output == "Stopped\n"
    assert run("libraries", "remove", "team").output == "Removed 'team'\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["list"], 1),
        (["show", "nothing"], 1),
        (["show"], 2),
        (["list", "--limit", "0"], 2),
        (["list", "--sort", "evil"], 2),
        (["frobnicate"], 2),
        (["search"], 2),
    ],
)
def test_exit_codes(stub: Stub, words: list[str], code: int) -> None:
    stub.default = answer_json(503, {"code": "backend_unavailable", "message": "The store is off"})
    done = run(*words)
    assert done.exit_code == code
    assert "Traceback" not in done.output
    assert TOKEN not in done.output


def test_ambiguous_name_is_a_clear_list(stub: Stub) -> None:
    offer(stub, snippet("Same", id="s1"), snippet("Same", id="s2", scope="everyone"))
    done = run("show", "Same")
    assert done.exit_code == 1
    assert "2 snippets fit 'Same'\n  s1  Same  (mine)\n  s2  Same  (everyone)" in done.output
    assert run("show", "s2").exit_code == 0


def test_completion_of_names(stub: Stub) -> None:
    offer(stub, snippet(prefixes=["wine-read"]), snippet("Clean names!", id="s2"))
    shell = ShellComplete(snippets, {}, "snippets", "_X")
    assert [c.value for c in shell.get_completions(["show"], "")] == ["clean-names", "wine-read"]
    assert [c.value for c in shell.get_completions(["print"], "wi")] == ["wine-read"]
    assert "--sort" in [c.value for c in shell.get_completions(["list"], "--s")]
    stub.stop()
    assert shell.get_completions(["show"], "") == []
    stub.start()


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command below a group."""
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name, command in group.commands.items():
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
    return found


@pytest.mark.parametrize(
    ("path", "command"),
    commands(snippets),
    ids=lambda v: " ".join(v) if isinstance(v, tuple) else "",
)
def test_every_command_has_help(path: tuple[str, ...], command: click.Command) -> None:
    done = run(*path, "--help")
    assert done.exit_code == 0
    assert (command.help or "").splitlines()[0].endswith(".")
    options = [p for p in command.params if isinstance(p, click.Option)]
    assert all((option.help or "").endswith(".") for option in options)


@pytest.mark.parametrize(
    "form", [["show"], ["print"], ["list"], ["favourite"], ["delete", "--yes"], ["restore", "1"]]
)
def test_hostile_arguments_do_nothing_but_ask(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    canary = tmp_path / "canary"
    offer(stub, snippet())
    before = set(tmp_path.rglob("*"))
    for text in STRINGS:
        done = run(form[0], text.replace("{canary}", str(canary)), *form[1:])
        assert done.exit_code in (0, 1, 2), text
        assert done.exception is None or isinstance(done.exception, SystemExit), text
    assert set(tmp_path.rglob("*")) == before
    assert {m for m, *_ in stub.asked} == {"GET"}


def test_private_file_only(stub: Stub, tmp_path: Path) -> None:
    Path(os.environ[ENV]).chmod(0o644)
    done = run("list")
    assert done.exit_code == 1
    assert "not safe" in done.output
    assert stub.asked == []
