"""The wire of auto-EDA, through a real Jupyter server and the real worker."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from orrery_engine.schemas import Checks, Code, ColumnProfile, Report, Result, Run
from orrery_server.eda.schemas import Handover, RunPage, Source
from orrery_wire.schemas import Page

Ask = Callable[..., Awaitable[HTTPResponse]]
ROWS = 2_000
SOURCE = {"kind": "file", "location": "wine.csv", "name": "Wine"}


@pytest.fixture
def jp_root_dir(tmp_path: Path) -> Path:
    root = tmp_path / "work"
    root.mkdir()
    lines = ["id,alcohol,kind,empty"]
    lines += [f"{n},{10 + n % 50 / 10},{'red' if n % 3 else 'white'}," for n in range(ROWS)]
    (root / "wine.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


@pytest.fixture
def ask(jp_fetch: Callable[..., Awaitable[HTTPResponse]]) -> Ask:
    async def ask(method: str, path: str, body: object = None, **query: object) -> HTTPResponse:
        text = None if body is None else json.dumps(body)
        return await jp_fetch(
            "orrery",
            *path.split("/"),
            method=method,
            params=query,
            body=text,
            allow_nonstandard_methods=True,
            request_timeout=60,
        )

    return ask


async def refused(asking: Awaitable[HTTPResponse]) -> tuple[int, dict[str, Any]]:
    with pytest.raises(HTTPClientError) as caught:
        await asking
    response = caught.value.response
    assert response is not None
    said: dict[str, Any] = json.loads(response.body)
    assert said.keys() == {"code", "message", "reason", "remedy", "details", "request_id"}
    return caught.value.code, said


async def run_when_over(ask: Ask, id: str) -> Result:
    after = -1
    while True:
        answer = await ask("GET", f"eda/runs/{id}", after=after, wait=20)
        result = Result.model_validate_json(answer.body)
        if result.run.state not in ("queued", "running"):
            return result
        after = result.run.revision


async def run(ask: Ask, **more: object) -> Result:
    answer = await ask("POST", "eda/runs", {"source": SOURCE, **more})
    assert answer.code == 202
    return await run_when_over(ask, Run.model_validate_json(answer.body).id)


@pytest.mark.timeout(180)
async def test_the_life_of_a_profile(ask: Ask) -> None:
    sources = Page[Source].model_validate_json((await ask("GET", "eda/sources")).body)
    assert [one.location for one in sources.items] == ["wine.csv"]
    result = await run(ask)
    assert result.run.error is None
    assert result.overview is not None
    assert (result.run.state, result.overview.rows) == ("done", ROWS)
    path = f"eda/runs/{result.run.id}"
    columns = await ask("GET", f"{path}/columns", limit=2, offset=1)
    page = Page[ColumnProfile].model_validate_json(columns.body)
    assert (page.total, [one.name for one in page.items]) == (4, ["alcohol", "kind"])
    code = await ask("POST", f"{path}/code", {"what": "load", "dialect": "polars"})
    assert "wine.csv" in Code.model_validate_json(code.body).code
    report = Report.model_validate_json((await ask("GET", f"{path}/report")).body)
    assert "Wine" in report.content
    assert not report.scripts
    asked = await ask("GET", f"{path}/checks", format="pandera")
    checks = Checks.model_validate_json(asked.body)
    assert checks.suite.checks
    rendered = {"suite": checks.suite.model_dump(mode="json"), "format": "sql"}
    answer = await ask("POST", "eda/checks", rendered)
    assert "SELECT" in Checks.model_validate_json(answer.body).content
    checked = await run(ask, task="checks", suite=rendered["suite"], parent=result.run.id)
    assert checked.checks is not None
    assert (checked.run.state, checked.run.failing) == ("done", 0)
    runs = RunPage.model_validate_json((await ask("GET", "eda/runs", q="wine")).body)
    assert [one.id for one in runs.items] == [checked.run.id, result.run.id]
    sources = Page[Source].model_validate_json((await ask("GET", "eda/sources")).body)
    assert [(one.location, one.run) for one in sources.items] == [("wine.csv", result.run.id)]
    assert (await ask("POST", f"{path}/cancel", {})).code == 200
    assert (await ask("DELETE", path)).code == 204
    assert (await refused(ask("GET", path)))[0] == 404
    assert (await refused(ask("DELETE", path)))[1]["code"] == "not_found"


@pytest.mark.timeout(180)
async def test_a_handover_by_the_wire(ask: Ask, tmp_path: Path) -> None:
    wanted = {"name": "df", "dialect": "pandas", "rows": 3, "bytes": 100}
    answer = await ask("POST", "eda/handovers", wanted)
    assert answer.code == 201
    given = Handover.model_validate_json(answer.body)
    program = (
        "import sys, pyarrow as pa\n"
        "table = pa.table({'a': [1, 2, 3], 'b': ['x', 'y', None]})\n"
        "with pa.ipc.new_file(sys.argv[1], table.schema) as out: out.write_table(table)\n"
    )
    subprocess.run([sys.executable, "-c", program, given.path], check=True)  # noqa: ASYNC221
    result = await run(ask, source={"kind": "frame", "location": given.id, "name": "df"})
    assert result.run.error is None
    assert result.overview is not None
    assert (result.overview.rows, result.overview.columns) == (3, 2)
    assert (await ask("DELETE", f"eda/handovers/{given.id}")).code == 204
    assert not Path(given.path).exists()
    assert (await refused(ask("DELETE", f"eda/handovers/{given.id}")))[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "eda/runs", {"source": {"kind": "file", "location": "no.csv"}}, 404),
        ("POST", "eda/runs", {"source": {"kind": "file", "location": ""}}, 400),
        ("POST", "eda/runs", {"source": {"kind": "disk", "location": "x"}}, 400),
        ("POST", "eda/runs", {"source": SOURCE, "options": {"seconds": -1}}, 400),
        ("POST", "eda/runs", {"source": SOURCE, "options": {"seconds": 1e999}}, 400),
        ("POST", "eda/runs", {"source": SOURCE, "more": 1}, 400),
        ("POST", "eda/runs", {"source": SOURCE, "parent": "../../x"}, 400),
        ("POST", "eda/runs", {"source": {"kind": "url", "location": "http://x/y.csv"}}, 403),
        ("POST", "eda/runs", [], 400),
        ("GET", "eda/runs/" + "0" * 32, None, 404),
        ("GET", "eda/runs/" + "0" * 31, None, 400),
        ("GET", "eda/runs/" + "0" * 32 + "/columns", None, 404),
        ("GET", "eda/runs/..%2f..%2fetc", None, 400),
        ("POST", "eda/runs/" + "0" * 32 + "/cancel", {}, 404),
        ("POST", "eda/runs/" + "0" * 32 + "/code", {"what": "load"}, 404),
        ("POST", "eda/runs/" + "0" * 32 + "/code", {"what": "load", "frame": "a; b"}, 400),
        ("DELETE", "eda/handovers/" + "0" * 32, None, 404),
        ("POST", "eda/handovers", {"name": "df", "rows": -1, "bytes": 1}, 400),
        ("POST", "eda/checks", {"suite": {"checks": [{"code": "drop"}]}}, 400),
        ("PUT", "eda/runs", {}, 405),
    ],
)
async def test_what_cannot_be_done_says_why(
    ask: Ask, method: str, path: str, body: object, status: int
) -> None:
    code, said = await refused(ask(method, path, body))
    assert (code, said["message"] != "") == (status, True)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("eda/runs", {"limit": 0}),
        ("eda/runs", {"limit": 10_000}),
        ("eda/runs", {"offset": -1}),
        ("eda/runs", {"state": "lost"}),
        ("eda/sources", {"kind": "disk"}),
        ("eda/runs/" + "0" * 32, {"wait": 3_600}),
        ("eda/runs/" + "0" * 32 + "/columns", {"sort": "random"}),
        ("eda/runs/" + "0" * 32 + "/report", {"format": "exe"}),
    ],
)
async def test_queries_within_limits_only(ask: Ask, path: str, query: dict[str, object]) -> None:
    assert (await refused(ask("GET", path, **query)))[0] == 400


async def test_a_password_never_comes_back(
    ask: Ask, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    source = {"kind": "table", "location": "postgresql://me:hunter2x@127.0.0.1:1/x", "table": "t"}
    code, said = await refused(ask("POST", "eda/runs", {"source": source}))
    assert code == 400
    assert "${DB_PASSWORD}" in said["remedy"]
    assert "hunter2x" not in json.dumps(said)
    assert "hunter2x" not in caplog.text
    assert b"hunter2x" not in (await ask("GET", "eda/runs")).body
    for path in (tmp_path / "data").rglob("*"):
        assert not path.is_file() or b"hunter2x" not in path.read_bytes()
