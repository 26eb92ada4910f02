"""`import jupyter_orrery as orrery`: light, lazy, and what its functions ask the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import jupyter_orrery as orrery
from orrery_kernels.client import ENV
from orrery_kernels.errors import ServerUnavailable, SnippetNotFound, UsageError
from tests.kernels.stub import Stub, answer_json, import_job, page, snippet

BODY = "${1:df} = read('${LAKE:lake}/${2|wine,iris|}')"


def offer(stub: Stub, *items: dict[str, Any]) -> None:
    """Make the server list these, and know nothing else."""
    stub.answers["GET snippets"] = answer_json(200, page(*items))
    stub.answers["GET projects/current"] = answer_json(200, {"project": None})
    stub.default = answer_json(404, {"code": "not_found", "message": "There is none"})


def sent(stub: Stub, method: str, path: str) -> Any:
    """The body of the one request of a kind."""
    (body,) = [b for m, p, _, b in stub.asked if m == method and p.endswith("/orrery/" + path)]
    return body


@pytest.fixture
def notebook(stub: Stub, shell: InteractiveShell) -> list[str]:
    """What is put into the next cell of a notebook."""
    cells: list[str] = shell.next_cells
    return cells


def test_import_is_light_and_lazy() -> None:
    """30 ms; counted as processor time, for the machine is shared."""
    code = """
import json, sys, time
before = set(sys.modules)
start = time.process_time()
import jupyter_orrery
imported = time.process_time() - start
new = set(sys.modules) - before
start = time.process_time()
jupyter_orrery.snippets
used = time.process_time() - start
more = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps([imported, sorted(new), used, sorted(more)]))
"""
    runs = []
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        runs.append(json.loads(done.stdout))
    imported, new, _, more = runs[0]
    assert min(run[0] for run in runs) < 0.03, imported
    assert not [name for name in new if name.startswith("orrery")]
    assert min(run[2] for run in runs) < 0.2
    heavy = {"IPython", "click", "httpx", "jupyter_server", "numpy", "pandas", "pydantic"}
    assert not heavy & set(more)


def test_names_are_listed_and_an_unknown_one_is_told() -> None:
    assert {"eda", "servers", "snippets", "status", "use_server"} <= set(dir(orrery))
    assert orrery.__version__.startswith("0.")
    with pytest.raises(
        AttributeError,
        match="no attribute 'snipets'; it has: OrreryError, compute, connect, data, eda",
    ):
        orrery.snipets  # noqa: B018
    for name in dir(orrery):
        value = getattr(orrery, name)
        assert value.__doc__, name
        for inner in getattr(value, "__all__", ()):
            assert getattr(value, inner).__doc__, inner


def test_list_is_a_sequence_and_a_table(stub: Stub) -> None:
    offer(stub, snippet(tags=["lake"]), snippet("<b>", id="s2"))
    listing = orrery.snippets.list("wine", tag="lake", sort="used", limit=2)
    assert stub.asked[0][1].endswith("?q=wine&tag=lake&sort=used&offset=0&limit=2")
    assert [item["name"] for item in listing] == ["Read wine", "<b>"]
    assert (len(listing), listing.total, listing[0]["tags"]) == (2, 2, ["lake"])
    assert [item["id"] for item in listing[1:]] == ["s2"]
    assert "2 of 2 snippets" in repr(listing)
    assert "&lt;b&gt;" in listing._repr_html_()
    assert "<b>" not in listing._repr_html_()


def test_get_and_render(stub: Stub) -> None:
    offer(stub, snippet(syntax="vscode", cells=[{"kind": "code", "source": BODY}]))
    assert orrery.snippets.get("read-wine")["id"] == "s1"
    assert orrery.snippets.render("s1") == "df = read('lake/wine')"
    text = orrery.snippets.render("s1", {"2": "iris"}, df="train", LAKE="s3://b")
    assert text == "train = read('s3://b/iris')"
    with pytest.raises(UsageError, match="no placeholder frame"):
        orrery.snippets.render("s1", frame="x")
    with pytest.raises(SnippetNotFound):
        orrery.snippets.get("nothing")


def test_insert_needs_a_notebook(stub: Stub) -> None:
    InteractiveShell.clear_instance()
    offer(stub, snippet())
    with pytest.raises(UsageError, match="no next cell"):
        orrery.snippets.insert("s1")
    assert not [m for m, *_ in stub.asked if m == "PATCH"]


def test_insert_puts_code_into_the_next_cell(stub: Stub, notebook: list[str]) -> None:
    offer(stub, snippet(syntax="vscode", cells=[{"kind": "code", "source": BODY}]))
    orrery.snippets.insert("s1", df="train")
    assert notebook == ["train = read('lake/wine')"]
    assert sent(stub, "PATCH", "snippets/s1/marks") == {"used": True}
    offer(stub, snippet(language="r"))
    with pytest.raises(UsageError, match="written in r"):
        orrery.snippets.insert("s1")


def test_save_update_and_delete(stub: Stub) -> None:
    offer(stub, snippet(version=7, tags=["kept"]))
    stub.answers["POST snippets"] = answer_json(201, snippet("Clean"))
    orrery.snippets.save("Clean", "# %% [markdown]\n# hello\n# %%\nx = 1\n", tags=("a",))
    body = sent(stub, "POST", "snippets")
    assert [cell["kind"] for cell in body["cells"]] == ["markdown", "code"]
    assert (body["tags"], body["scope"], "prefixes" in body) == (["a"], "mine", False)
    with pytest.raises(UsageError, match="already a snippet"):
        orrery.snippets.save("Read wine", "x = 2")
    stub.answers["PUT snippets/s1"] = answer_json(200, snippet(version=8))
    assert orrery.snippets.update("s1", "y = 1", prefix="rw")["version"] == 8
    body = sent(stub, "PUT", "snippets/s1")
    assert (body["base_version"], body["tags"], body["prefixes"]) == (7, ["kept"], ["rw"])
    assert body["cells"] == [{"kind": "code", "source": "y = 1"}]
    stub.answers["DELETE snippets/s1"] = answer_json(200, {})
    assert orrery.snippets.delete("s1")["name"] == "Read wine"


def test_files_in_and_out(stub: Stub, tmp_path: Path) -> None:
    offer(stub, snippet())
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    job = import_job()
    report = job["report"]
    stub.answers["POST snippets/import"] = answer_json(202, job)
    assert orrery.snippets.import_files(str(tmp_path / "a.json"), on_duplicate="copy") == report
    assert sent(stub, "POST", "snippets/import")["files"] == [{"name": "a.json", "content": "{}"}]
    files = [{"name": "../b.json", "content": "{}"}]
    stub.answers["GET snippets/export"] = answer_json(200, {"files": files})
    assert orrery.snippets.export("s1", folder=tmp_path) == [tmp_path / "b.json"]
    with pytest.raises(orrery.OrreryError, match="cannot be written"):
        orrery.snippets.export("s1", folder=tmp_path)


def test_errors_are_exceptions_with_a_remedy(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.default = answer_json(503, {"code": "off", "message": "It is off", "remedy": "Wait"})
    with pytest.raises(orrery.OrreryError, match="It is off\n  Wait") as caught:
        orrery.snippets.list()
    assert (caught.value.code, caught.value.status, caught.value.remedy) == ("off", 503, "Wait")
    monkeypatch.setenv(ENV, str(tmp_path / "gone.json"))
    with pytest.raises(ServerUnavailable):
        orrery.status()


@pytest.mark.parametrize("name", ["port", "pid", "url", "path"])
def test_choice_of_a_server(
    stub: Stub, person: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    other = Stub()
    other.start()
    try:
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
        path = tmp_path / "orrery-other.json"
        other.connection_file(tmp_path, pid=os.getppid()).rename(path)
        stub.connection_file(tmp_path)
        other.default = answer_json(200, {"version": "9", "user": "bob"})
        chosen = {
            "port": other.url.split(":")[2].partition("/")[0],
            "pid": str(os.getppid()),
            "url": other.url,
            "path": str(path),
        }[name]
        assert orrery.use_server(chosen).url == other.url
        assert orrery.status()["user"] == "bob"
        assert {connection.url for connection in orrery.servers()} == {stub.url, other.url}
        with pytest.raises(UsageError, match=r"No running server is '1'\n  Running:\n  http"):
            orrery.use_server("1")
    finally:
        other.stop()
