"""Dataframes of a real kernel beside its cells, and profiles by a real Jupyter server."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kernels.lab import Kernel, Lab, Memory, Side

IMPORTS = "from orrery_kernels import eda\nfrom orrery_kernels.eda import api\n"
MAKE = """
import numpy as np, pandas as pd
rng = np.random.default_rng(1)
n = 1_000_000
large = pd.DataFrame({f"f{i}": rng.normal(size=n) for i in range(12)})
for i in range(4):
    large[f"i{i}"] = rng.integers(0, 10 ** (i + 1), n)
large["word"] = rng.integers(0, 100_000, n).astype(str).astype(object)
large["group"] = pd.Categorical(rng.integers(0, 9, n))
large["time"] = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(np.arange(n), unit="s")
"""
ODD = """
import datetime, decimal
import pandas as pd
odd = pd.DataFrame([[1, 2]], columns=["same", "same"])
mixed = pd.DataFrame({"m": [1, "two", None, [3], {"f": 4}, b"five", object()]})
nested = pd.DataFrame({"list": [[1, 2], []], "mapping": [{"a": 1}, {"b": "x"}]})
kinds = pd.DataFrame({
    "group": pd.Categorical(["a", None, "b"]),
    "zone": pd.to_datetime(["2026-01-01", None, "2026-07-01"]).tz_localize("Europe/Berlin"),
    "price": [decimal.Decimal("1.10"), decimal.Decimal("-2.5"), None],
    "day": [datetime.date(2026, 1, 1)] * 3,
})
no_rows = pd.DataFrame({"a": pd.Series([], dtype="float64"), "b": pd.Series([], dtype=object)})
no_columns = pd.DataFrame(index=range(3))
"""


@pytest.fixture(scope="module")
def side(kernel: Kernel) -> Iterator[Side]:
    found = Side(kernel)
    yield found
    found.close()


def pid_of(kernel: Kernel) -> int:
    return int(kernel.run("import os; print(os.getpid())").text)


def run_of(lab: Lab, id: str) -> dict[str, Any]:
    found: dict[str, Any] = lab.ask("GET", f"orrery/eda/runs/{id}?wait=0")["run"]
    return found


def newest(lab: Lab) -> dict[str, Any]:
    found: dict[str, Any] = lab.ask("GET", "orrery/eda/runs?limit=1")["items"][0]
    return found


def value(kernel: Kernel, code: str, expression: str) -> Any:
    """What an expression is after some code, by way of JSON."""
    reply = kernel.run(f"import json\nimport pandas as pd\n{code}")
    assert reply.status == "ok", reply.text
    return json.loads(kernel.run(f"print(json.dumps({expression}))").text)


def test_frames_are_listed_beside_a_cell_that_runs(kernel: Kernel, side: Side) -> None:
    kernel.run("import pandas as pd\nsmall = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})")
    side.ask("frames()")
    cell = kernel.client.execute(
        "import time\nuntil = time.monotonic() + 2.5\nwhile time.monotonic() < until: pass"
    )
    time.sleep(0.3)
    began = time.monotonic()
    found = {one["name"]: one for one in side.ask("frames()")}
    took = time.monotonic() - began
    assert (found["small"]["rows"], found["small"]["columns"]) == (2, 2)
    assert took < 1.0
    reply = kernel.client.get_shell_msg(timeout=30)
    assert reply["parent_header"]["msg_id"] == cell
    assert time.monotonic() - began > 1.5, "the cell was over before the subshell answered"


def test_a_large_frame_goes_while_cells_answer(lab: Lab, kernel: Kernel, side: Side) -> None:
    """A million rows; cells answer meanwhile, within a fifth of the frame's memory."""
    assert kernel.run(MAKE + "small = large.head(10)").status == "ok"
    # The first time imports pyarrow.
    side.ask("hand_over('small')")
    listed = {one["name"]: one for one in side.ask("frames()")}
    size = int(kernel.run("print(int(large.memory_usage(deep=True).sum()))").text)
    times: list[float] = []
    with Memory(pid_of(kernel)) as memory:
        question = side.begin("hand_over('large')")
        while not side.has_answered():
            began = time.monotonic()
            assert kernel.run("1 + 1").text == "2"
            times.append(time.monotonic() - began)
    handed = side.end(question)
    assert handed["rows"] == listed["large"]["rows"] == 1_000_000
    p95 = sorted(times)[int(len(times) * 0.95)]
    print(
        f"{len(times)} cells, p95 {p95:.3f} s, memory +{(memory.peak - memory.before) / size:.1%}"
    )
    # How many depends on what else the machine does; without any, the kernel was held up.
    assert len(times) >= 2
    # Promised are 0.2 s; a machine that does other work, too, must not fail the test.
    assert p95 < 1.0
    assert memory.peak - memory.before < 0.2 * size
    run = lab.ask(
        "POST",
        "orrery/eda/runs",
        {"source": {"kind": "frame", "location": handed["id"], "name": "large"}},
    )
    limit = time.monotonic() + 60
    while run["state"] in ("queued", "running") and time.monotonic() < limit:
        time.sleep(0.2)
        run = run_of(lab, run["id"])
    assert (run["state"], run["rows"], run["columns"]) == ("done", 1_000_000, 19)


def test_magic_shows_a_report_and_keeps_the_run(lab: Lab, kernel: Kernel) -> None:
    kernel.run("small = pd.DataFrame({'amount': [1, 2, None], 'word': ['x', 'y', 'y']})")
    reply = kernel.run("%eda small")
    assert reply.status == "ok", reply.text
    assert "3 rows, 2 columns" in reply.text
    assert "amount" in reply.html
    assert "<script" not in reply.html
    kept = newest(lab)
    assert (kept["source"]["kind"], kept["source"]["name"]) == ("frame", "small")
    assert kernel.run("print(_.columns['amount'].missing, len(_.columns))").text == "1 2\n"


def test_python_compares_and_checks(kernel: Kernel) -> None:
    ((name, change),), kept = value(
        kernel,
        "from orrery_kernels import eda\n"
        "before = pd.DataFrame({'a': range(500)}); after = before + 5000\n"
        "changed = [(one.name, one.change) for one in eda.compare(before, after).drifts]\n"
        "suite = eda.profile(before).suite()\n"
        "kept = eda.check(before, suite).passed, eda.check(after, suite).passed",
        "[changed, kept]",
    )
    assert name == "a"
    assert change != "same"
    assert kept == [True, False]


def test_a_profile_is_compared_with_when_its_data_are_gone(lab: Lab, kernel: Kernel) -> None:
    levels, is_parent = value(
        kernel,
        IMPORTS + "sales = pd.DataFrame({'a': range(500)}); last_week = eda.profile(sales)\n"
        "sales = sales + 5000\n"
        "asked = api.RunRequest('comparison', sales, against=last_week)\n"
        "found = [eda.compare(last_week, sales), api.run(asked, alone=True)]\n"
        "same = eda.compare(last_week, sales - 5000)",
        "[[one.drifts[0].level for one in [*found, same]], found[0].run.parent == last_week.id]",
    )
    assert levels == ["serious", "serious", "info"]
    assert is_parent
    assert newest(lab)["against"]["name"].endswith(" UTC")
    wrong = kernel.run("eda.compare(same, sales)")
    assert wrong.status == "error"
    assert "comparison" in wrong.text


def test_two_profiles_are_compared_without_data(lab: Lab, kernel: Kernel) -> None:
    levels, ids = value(
        kernel,
        IMPORTS + "sales = pd.DataFrame({'a': range(500)}); older = eda.profile(sales)\n"
        "newer = eda.profile(sales + 5000); del sales\n"
        "asked = api.RunRequest('comparison', newer, against=older)\n"
        "found = [eda.compare(older, newer), api.run(asked, alone=True)]",
        "[[one.drifts[0].level for one in found], [older.id, newer.id]]",
    )
    assert levels == ["serious", "serious"]
    told = newest(lab)
    assert [told["parent"], told["newer"]] == ids
    assert told["source"]["name"].endswith(" UTC")
    wrong = kernel.run("eda.compare(pd.DataFrame({'a': [1]}), newer)")
    assert wrong.status == "error"
    assert "Only an earlier profile" in wrong.text


@pytest.mark.parametrize(
    ("name", "columns"),
    [("odd", 2), ("mixed", 1), ("nested", 2), ("kinds", 4), ("no_rows", 2), ("no_columns", 0)],
)
def test_odd_frames(kernel: Kernel, name: str, columns: int) -> None:
    kernel.run(ODD)
    reply = kernel.run(f"%eda {name}")
    assert reply.status == "ok", reply.text
    assert kernel.run("print(len(_.columns), len(_.to_html()) > 500)").text == f"{columns} True\n"


def test_interrupt_of_a_cell_cancels_its_run(lab: Lab, kernel: Kernel) -> None:
    kernel.run(MAKE)
    known = {one["id"] for one in lab.ask("GET", "orrery/eda/runs?limit=50")["items"]}
    pid = pid_of(kernel)
    cell = kernel.client.execute("%eda large")
    limit = time.monotonic() + 40
    fresh: list[dict[str, Any]] = []
    while not fresh and time.monotonic() < limit:
        time.sleep(0.05)
        listed = lab.ask("GET", "orrery/eda/runs?limit=50")["items"]
        fresh = [one for one in listed if one["id"] not in known]
    assert fresh, "the run never began"
    os.kill(pid, signal.SIGINT)
    reply = kernel.client.get_shell_msg(timeout=30)
    assert reply["parent_header"]["msg_id"] == cell
    assert reply["content"]["status"] == "error"
    limit = time.monotonic() + 10
    while run_of(lab, fresh[0]["id"])["state"] == "running" and time.monotonic() < limit:
        time.sleep(0.1)
    assert run_of(lab, fresh[0]["id"])["state"] == "cancelled"
    assert kernel.run("1 + 1").text == "2"


def test_terminal_of_a_lab_keeps_the_run(lab: Lab) -> None:
    home = lab.folder / "home"
    (home / "wine.csv").write_text("a,b\n" + "".join(f"{n},x{n % 3}\n" for n in range(300)))
    done = lab.orrery("wine.csv", "-o", "report.html", group="eda")
    assert done.returncode == 0, done.stderr
    assert "300 rows, 2 columns" in done.stdout
    assert "wine.csv" in (home / "report.html").read_text(encoding="utf-8")
    kept = newest(lab)
    assert (kept["source"]["kind"], kept["source"]["location"]) == ("file", "wine.csv")


def test_exit_codes_in_a_lab(lab: Lab) -> None:
    home = lab.folder / "home"
    (home / "old.csv").write_text("a\n" + "".join(f"{n}\n" for n in range(500)))
    (home / "new.csv").write_text("a\n" + "".join(f"{n + 9000}\n" for n in range(500)))
    same = ("old.csv", "--against", "old.csv", "--fail-on", "drift")
    moved = ("new.csv", "--against", "old.csv", "--fail-on", "drift")
    codes = [lab.orrery(*words, group="eda").returncode for words in (same, moved, ("gone.csv",))]
    assert codes == [0, 1, 2]


def test_terminal_whose_lab_is_gone_works_alone(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    (tmp_path / "home" / "t.csv").write_text("a\n1\n2\n")
    lab.start()
    lab.kill()
    done = lab.orrery("t.csv", "-o", "report.md", group="eda")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "home" / "report.md").read_text(encoding="utf-8").startswith("#")


def test_completion_offers_nothing_of_python(kernel: Kernel) -> None:
    kernel.run("import pandas as pd\nsmall = pd.DataFrame({'amount': [1], 'word': ['x']})")
    assert kernel.complete("%eda small --target ") == ["amount", "word"]
    assert kernel.complete("%%eda --s") == [
        "--sample",
        "--seconds",
        "--sections",
        "--skip",
        "--sheet",
    ]
    assert kernel.complete("found = %eda small --nulls ") == ["skip", "mean", "mode", "interpolate"]
    assert "small" in kernel.complete("x = 1\n%eda sm")
    assert "--scope" in kernel.complete("%%snip save x --sc")
    assert kernel.complete("%%eda\nsmall.he")[0].endswith("head")
