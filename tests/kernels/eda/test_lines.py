"""``%eda`` against a server that a test can make answer anything."""

from __future__ import annotations

import atexit
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from orrery_kernels.client import ENV
from orrery_kernels.eda.completion import OPTIONS
from orrery_kernels.eda.views import ProfileResult
from tests.kernels.hostile import STRINGS
from tests.kernels.stub import Stub, answer_json

RUN = "0123456789abcdef0123456789abcdef"
GIVEN = "fedcba9876543210fedcba9876543210"
ALERT = {
    "id": "missing:0",
    "code": "missing",
    "level": "serious",
    "columns": [0],
    "names": ["<b>a</b>"],
    "message": "Half are \x1b[31mmissing",
    "evidence": "1 of 2",
    "value": 0.5,
    "fixes": [],
}
COLUMN = {"index": 0, "name": "a", "type": "integer", "missing": 1, "distinct": 2, "mean": 1.5}


def run(state: str = "done", **more: Any) -> dict[str, Any]:
    """A run as a server tells it."""
    source = {"kind": "frame", "location": GIVEN, "name": "df"}
    told = {"id": RUN, "task": "profile", "source": source, "options": {"target": None}}
    told |= {"state": state, "stage": "summary", "progress": 0.5, "waiting": 0, "revision": 1}
    return {**told, "error": None, "rows": 2, "columns": 1, "sampling": None, **more}


class Here:
    """A shell with the magics, and what was put into the next cell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.next: list[str] = []
        shell.set_next_input = lambda text, replace=False: self.next.append(text)

    def eda(self, line: str) -> Any:
        return self.shell.run_line_magic("eda", line)

    def cell(self, line: str, cell: str) -> Any:
        return self.shell.run_cell_magic("eda", line, cell)


@pytest.fixture
def here(stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv(ENV, str(stub.connection_file(tmp_path, root=str(tmp_path / "lab"))))
    (tmp_path / "lab").mkdir()
    monkeypatch.chdir(tmp_path / "lab")
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config)
    shell.run_line_magic("load_ext", "orrery_kernels")
    shell.user_ns["df"] = pd.DataFrame({"a": [1, 2], "b c": [3, 4]})
    (tmp_path / "given.arrow").touch(0o600)
    given = {"id": GIVEN, "path": str(tmp_path / "given.arrow")}
    stub.answers = {
        "POST eda/handovers": answer_json(201, given),
        "POST eda/runs": answer_json(202, run("queued")),
        f"GET eda/runs/{RUN}": answer_json(200, {"run": run(), "overview": {"alerts": [ALERT]}}),
        f"GET eda/runs/{RUN}/columns": answer_json(200, {"items": [COLUMN], "total": 1}),
        f"GET eda/runs/{RUN}/report": answer_json(200, {"content": "<h3>brief</h3>"}),
        f"GET eda/runs/{RUN}/checks": answer_json(200, {"content": '{"checks": []}'}),
    }
    stub.default = answer_json(404, {"code": "not_found", "message": "There is none"})
    yield Here(shell)
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)
    InteractiveShell.clear_instance()


def wanted(stub: Stub) -> dict[str, Any]:
    """The run that was asked for last."""
    bodies = [
        body for method, path, _, body in stub.asked if (method, path[-8:]) == ("POST", "eda/runs")
    ]
    found: dict[str, Any] = bodies[-1]
    return found


def complete(here: Here, line: str) -> set[str]:
    """What a notebook offers at the end of a line, in the way that ipykernel asks."""
    with provisionalcompleter():
        return {found.text for found in here.shell.Completer.completions(line, len(line))}


def test_a_dataframe(here: Here, stub: Stub) -> None:
    found = here.eda("df --target a --sample 5 --nulls mean --sections preliminary,text")
    assert isinstance(found, ProfileResult)
    asked = wanted(stub)
    assert (asked["task"], asked["source"]["kind"], asked["source"]["location"]) == (
        "profile",
        "frame",
        GIVEN,
    )
    assert asked["source"]["name"] == "df"
    assert asked["options"] == {
        "target": "a",
        "sample": 5,
        "nulls": "mean",
        "sections": ["preliminary", "text"],
    }


def test_what_was_found(here: Here, stub: Stub) -> None:
    found = here.eda("df")
    assert found.id == RUN
    assert found.alerts[0].message == found.alerts[0]["message"]
    assert found.columns["a"].mean == 1.5
    assert found.columns.names == ["a"]
    assert found.columns[0].type == "integer"
    assert "integer" in repr(found.columns)
    with pytest.raises(KeyError):
        found.columns["z"]
    with pytest.raises(AttributeError, match="there are: index, name"):
        _ = found.columns["a"].nonsense
    assert found.to_dict()["columns"] == [COLUMN]
    assert json.loads(found.to_json())["result"]["run"]["id"] == RUN
    assert found.suite() == {"checks": []}


def test_bundle_has_no_script_and_text_drives_no_terminal(here: Here, stub: Stub) -> None:
    found = here.eda("df")
    data, _ = here.shell.display_formatter.format(found)
    assert set(data) == {"text/html", "text/markdown", "text/plain"}
    assert data["text/html"] == "<h3>brief</h3>"
    asked = [path for _, path, _, _ in stub.asked if path.partition("?")[0].endswith("report")]
    assert all("brief=true" in path for path in asked)
    assert len(asked) == 2
    here.shell.display_formatter.format(found)
    assert len([path for _, path, _, _ in stub.asked if "report" in path]) == 2
    assert "\x1b" not in data["text/plain"]
    assert "df: 2 rows, 1 columns" in data["text/plain"]


def test_without_the_server_the_text_is_left(here: Here, stub: Stub) -> None:
    found = here.eda("df")
    stub.answers.clear()
    data, _ = here.shell.display_formatter.format(found)
    assert set(data) == {"text/plain"}


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("x.csv", {"kind": "file", "location": "x.csv", "name": "x.csv"}),
        ("sub/x.parquet", {"kind": "file", "location": "sub/x.parquet", "name": "x.parquet"}),
        ("lake://a/b.parquet", {"kind": "lake", "location": "a/b.parquet", "name": "b.parquet"}),
        (
            "s3://bucket/x/*.parquet",
            {"kind": "url", "location": "s3://bucket/x/*.parquet", "name": "*.parquet"},
        ),
        (
            "'postgresql://me:${PASSWORD}@host/shop#public.orders'",
            {
                "kind": "table",
                "location": "postgresql://me:${PASSWORD}@host/shop",
                "table": "public.orders",
                "name": "public.orders",
            },
        ),
        (
            "sqlite:///shop.db#orders",
            {"kind": "table", "location": "sqlite:///shop.db", "table": "orders", "name": "orders"},
        ),
        (
            "book.xlsx#Second",
            {"kind": "file", "location": "book.xlsx", "name": "book.xlsx", "sheet": "Second"},
        ),
    ],
)
def test_other_sources(here: Here, stub: Stub, line: str, source: dict[str, Any]) -> None:
    here.eda(line)
    assert wanted(stub)["source"] == {"table": "", "sheet": "", "reading": None, **source}


def test_expressions_of_the_line_are_not_evaluated(here: Here, stub: Stub) -> None:
    here.shell.user_ns["PASSWORD"] = "expanded"
    here.eda("'postgresql://me:${PASSWORD}@host/shop#t{1+1}'")
    assert wanted(stub)["source"]["table"] == "t{1+1}"


def test_compare(here: Here, stub: Stub) -> None:
    here.shell.user_ns["new"] = pl.DataFrame({"a": [1]})
    here.eda("--compare old.csv new")
    asked = wanted(stub)
    assert asked["task"] == "comparison"
    assert (asked["source"]["name"], asked["against"]["name"]) == ("new", "old.csv")


def test_check(here: Here, stub: Stub, tmp_path: Path) -> None:
    suite = {"name": "s", "checks": []}
    here.shell.user_ns["suite"] = suite
    here.eda("df --check suite")
    assert (wanted(stub)["task"], wanted(stub)["suite"]) == ("checks", suite)
    (tmp_path / "lab" / "checks.json").write_text(json.dumps(suite))
    stub.asked.clear()
    here.eda("df --check checks.json")
    assert wanted(stub)["suite"] == suite


def test_checks_for_the_next_cell(here: Here, stub: Stub) -> None:
    stub.answers[f"GET eda/runs/{RUN}/checks"] = answer_json(200, {"content": "import pandera"})
    assert isinstance(here.eda("df --checks pandera"), ProfileResult)
    assert here.next == ["import pandera"]
    with capture_output() as said:
        assert here.eda("df --checks sql") is None
    assert said.stdout == "import pandera"
    assert here.next == ["import pandera"]


def test_output(here: Here, stub: Stub, tmp_path: Path) -> None:
    with capture_output() as said:
        here.eda("df -o r.html")
    assert (tmp_path / "lab" / "r.html").read_text(encoding="utf-8") == "<h3>brief</h3>"
    assert "Written: r.html" in said.stdout
    with pytest.raises(UsageError, match="cannot be written as"):
        here.eda("df -o r.docx")


def test_full_report_is_begun(here: Here, stub: Stub) -> None:
    with capture_output() as said:
        here.eda("df --full")
    assert "Profiles panel" in said.stdout
    asked = wanted(stub)
    assert (asked["task"], asked["parent"]) == ("report", RUN)
    assert asked["options"]["seconds"] == 900
    here.eda("df --full -o r.html")
    assert wanted(stub)["task"] == "report"


def test_cell_is_run_first(here: Here, stub: Stub) -> None:
    with capture_output():
        here.cell("", "import pandas as pd\nmade = pd.DataFrame({'z': [1]})\n1 + 1")
        assert wanted(stub)["source"]["name"] == "made"
        here.cell("--target a", "df.head(1)")
        assert wanted(stub)["source"]["name"] == "cell"
        here.cell("", "other = 3\ndf")
        assert wanted(stub)["source"]["name"] == "df"
        here.cell("df", "df['c'] = 1")
        assert wanted(stub)["source"]["name"] == "df"
        here.cell("", "df['d'] = 1")
        assert wanted(stub)["source"]["name"] == "df"
        here.cell("--compare df later", "later = df.head(1)")
        assert wanted(stub)["source"]["name"] == "later"
        with pytest.raises(UsageError, match="The cell made no dataframe"):
            here.cell("", "x = 1")
        count = len(stub.asked)
        with pytest.raises(UsageError, match="stopped with the error above"):
            here.cell("df", "1 / 0")
        assert len(stub.asked) == count


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "What is to be profiled"),
        ("nothing", "There is no 'nothing' in this kernel\n  Dataframes: df"),
        ("number", "'number' is no dataframe in this kernel"),
        ("df other", "Unrecognized arguments"),
        ("df --compare a b", "takes two sources"),
        ("--compare df", "expected 2 arguments"),
        ("df --nulls evil", "invalid choice"),
        ("df --sections evil", "no section 'evil'"),
        ("df --sample many", "invalid int value"),
        ("df --check number", "is no suite of checks"),
        ("df --check nothing.json", "is no suite of checks"),
        ("'open", "cannot be read"),
        ("mysql://me:secret@host/db#t", "holds a password"),
    ],
)
def test_misuse_is_told_in_words(here: Here, stub: Stub, line: str, said: str) -> None:
    here.shell.user_ns["number"] = 3
    with pytest.raises(UsageError, match=said) as told:
        here.eda(line)
    assert "secret" not in str(told.value)
    assert not [path for _, path, _, _ in stub.asked if path.endswith("eda/runs")]


def test_a_run_that_failed_is_told(here: Here, stub: Stub) -> None:
    error = {"code": "out_of_memory", "message": "Too much", "reason": "5 GiB", "remedy": "sample"}
    stub.answers[f"GET eda/runs/{RUN}"] = answer_json(200, {"run": run("failed", error=error)})
    with pytest.raises(UsageError, match="Too much\n  5 GiB\n  sample"):
        here.eda("df")
    stub.answers[f"GET eda/runs/{RUN}"] = answer_json(200, {"run": run("cancelled")})
    with pytest.raises(UsageError, match="The run on df was cancelled"):
        here.eda("df")


def interrupted_during(
    here: Here, stub: Stub, asked: str, reply: dict[str, Any], status: int = 200
) -> None:
    """Run ``%eda df`` and interrupt the kernel while the server works on an answer; the run must end cancelled."""
    arrived = threading.Event()

    def wait(handler: BaseHTTPRequestHandler) -> None:
        arrived.set()
        time.sleep(0.5)
        answer_json(status, reply)(handler)

    stub.answers[asked] = wait
    stub.answers[f"POST eda/runs/{RUN}/cancel"] = answer_json(200, run("cancelled"))

    def interrupt() -> None:
        arrived.wait(10)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(UsageError, match="The run was stopped"):
        here.eda("df")
    assert stub.asked[-1][:2] == ("POST", f"/user/ada/orrery/eda/runs/{RUN}/cancel")


def test_interrupt_cancels(here: Here, stub: Stub) -> None:
    interrupted_during(here, stub, f"GET eda/runs/{RUN}", {"run": run("running")})


def test_interrupt_before_the_id_is_known_cancels_as_well(here: Here, stub: Stub) -> None:
    interrupted_during(here, stub, "POST eda/runs", run("queued"), status=202)


# Python itself loses a socket whose making is interrupted, and closes it later.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_at_any_moment_of_the_start_cancels(here: Here, stub: Stub) -> None:
    arrived = threading.Event()

    def start(handler: BaseHTTPRequestHandler) -> None:
        arrived.set()
        time.sleep(0.01)
        answer_json(202, run("queued"))(handler)

    def watch(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.01)
        answer_json(200, {"run": run("running")})(handler)

    def interrupt(pause: float) -> None:
        arrived.wait(10)
        time.sleep(pause)
        os.kill(os.getpid(), signal.SIGINT)

    stub.answers["POST eda/runs"] = start
    stub.answers[f"GET eda/runs/{RUN}"] = watch
    stub.answers[f"POST eda/runs/{RUN}/cancel"] = answer_json(200, run("cancelled"))
    for attempt in range(40):
        arrived.clear()
        thread = threading.Thread(target=interrupt, args=(0.008 + attempt * 0.00025,))
        thread.start()
        with pytest.raises(UsageError, match="The run was stopped"):
            here.eda("df")
        thread.join()
        assert any(path.endswith("/cancel") for _, path, _, _ in stub.asked), attempt
        stub.asked.clear()


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("%eda ", {"df", "wide", "data/", "x.csv"}),
        ("%eda d", {"df", "data/"}),
        ("%eda data/", {"data/y.parquet"}),
        ("%eda df --", set(OPTIONS)),
        ("%eda df --target ", {"a"}),
        ("%eda wide --target c1", {"c10", "c11"}),
        ("%eda df --nulls m", {"mean", "mode"}),
        ("%eda df --checks ", {"pandera", "sql", "great_expectations", "json"}),
        ("%eda df --sections text,pre", {"preliminary"}),
        ("%eda df --check ", {"suite.json"}),
        ("%%eda --compare d", {"df"}),
    ],
)
def test_completion(here: Here, stub: Stub, tmp_path: Path, line: str, offers: set[str]) -> None:
    lab = tmp_path / "lab"
    (lab / "data").mkdir()
    for name in ("x.csv", "data/y.parquet", "data/model.pkl", "suite.json", ".hidden.csv"):
        (lab / name).touch()
    here.shell.user_ns["wide"] = pl.DataFrame({f"c{n}": [1] for n in range(20)})
    found = complete(here, line)
    assert offers <= found
    assert not {"model.pkl", "data/model.pkl", ".hidden.csv"} & found


def test_completion_of_the_lake_asks_once(here: Here, stub: Stub) -> None:
    items = [{"location": "wine.parquet"}, {"location": "sub/iris.csv"}]
    stub.answers["GET eda/sources"] = answer_json(200, {"items": items, "total": 2})
    assert "//wine.parquet" in complete(here, "%eda lake://wi")
    assert "//sub/iris.csv" in complete(here, "%eda lake://")
    assert len(stub.asked) == 1


def test_help_names_every_option(here: Here) -> None:
    text = here.shell.magics_manager.magics["line"]["eda"].__doc__
    assert all(option in text for option in OPTIONS)


def test_hostile_lines_do_nothing_but_ask(here: Here, stub: Stub, tmp_path: Path) -> None:
    """Set O: whatever stands in a line, nothing of it runs and no file appears."""
    canary = tmp_path / "canary"
    before = set(tmp_path.rglob("*"))
    for number, text in enumerate(STRINGS):
        line = text.replace("{canary}", str(canary))
        for form in ("{}", "df --target {}", "--compare df {}", "df --check {}", "sqlite:///{}#t"):
            with suppress(UsageError), capture_output():
                here.eda(form.replace("{}", line))
        if number % 8 == 0:
            complete(here, f"%eda {line}")
    assert set(tmp_path.rglob("*")) == before


def test_unload(here: Here) -> None:
    here.shell.run_line_magic("unload_ext", "orrery_kernels")
    assert "eda" not in here.shell.magics_manager.magics["line"]
    assert "eda" not in here.shell.magics_manager.magics["cell"]
