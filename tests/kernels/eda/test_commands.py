"""``orrery eda`` without a lab: the worker of this process, real files, exit codes."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from orrery_engine.client import blocking
from orrery_engine.report import render
from orrery_engine.schemas import ColumnProfile, Result
from orrery_kernels.eda.commands import eda
from tests.kernels.eda.engine import Engine

COMMAND = "from orrery_kernels.eda.commands import eda; eda(prog_name='orrery eda')"


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of a table, the second drifted, and a database."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    rows = 1_000
    old = pd.DataFrame(
        {"id": range(rows), "x": rng.normal(size=rows), "c": rng.choice(["a", "b"], rows), "k": 1}
    )
    new = old.assign(x=old["x"] + 3, c=rng.choice(["a", "z"], rows))
    old.to_csv(folder / "old.csv", index=False)
    old.to_parquet(folder / "old.parquet")
    new.to_csv(folder / "new.csv", index=False)
    with pd.ExcelWriter(folder / "book.xlsx") as book:
        old.head(5).to_excel(book, sheet_name="First", index=False)
        old.head(7).to_excel(book, sheet_name="Second", index=False)
    with sqlite3.connect(folder / "shop.sqlite") as database:
        old.to_sql("orders", database, index=False)
    database.close()
    return folder


def away(nowhere: Path) -> dict[str, str]:
    """Variables that lead to no lab, although other tests run some."""
    names = ("HOME", "JUPYTER_RUNTIME_DIR", "XDG_STATE_HOME", "ORRERY_HOME")
    return dict.fromkeys(names, str(nowhere))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One worker for all runs: its imports take most of the time of one. Others have a worker for each run."""
    engine = Engine(tmp_path_factory.mktemp("engine"))
    yield engine
    engine.close()


@pytest.fixture
def run(folder: Path, person: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in this process and in the folder, on a machine where no lab runs."""
    monkeypatch.chdir(folder)

    def run(*words: str, stdin: bytes | None = None, **environment: str) -> Done:
        with monkeypatch.context() as patch:
            if not environment:  # a worker has the environment of its start
                patch.setattr(blocking, "work", engine.work)
            runner = CliRunner(env=environment)
            done = runner.invoke(
                eda, words, input=stdin, prog_name="orrery eda", catch_exceptions=False
            )
        return Done(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def process(folder: Path, tmp_path: Path) -> Run:
    """The same as a process of its own."""

    def run(*words: str, stdin: bytes = b"") -> Done:
        hidden = ("ORRERY_", "JUPYTER", "JPY_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *words],
            cwd=folder,
            env={**kept, **away(tmp_path / "none")},
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def test_profile_to_every_format(run: Run, process: Run, folder: Path, tmp_path: Path) -> None:
    done = process("old.csv", "-o", str(tmp_path / "r.html"))
    assert done.returncode == 0, done.stderr
    assert "old.csv: 1,000 rows, 4 columns" in done.stdout
    assert "Always the same value" in done.stdout
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<script" not in page
    assert run("old.parquet", "-q", "-o", str(tmp_path / "r.md")).stdout == ""
    assert (tmp_path / "r.md").read_text(encoding="utf-8").startswith("# ")
    told = run("old.csv", "--format", "json")
    found = json.loads(told.stdout)
    assert found["result"]["overview"]["rows"] == 1_000
    assert [column["name"] for column in found["columns"]] == ["id", "x", "c", "k"]
    assert found["result"]["run"]["state"] == "done"
    assert not list(folder.glob("*.html"))


def test_report_is_what_the_renderer_takes_again(run: Run) -> None:
    """The JSON of the command line has the shapes of the server."""
    found = run("old.csv", "--format", "json").stdout
    saved = json.loads(found)
    columns = [ColumnProfile.model_validate(column) for column in saved["columns"]]
    markdown = render(Result.model_validate(saved["result"]), columns, "markdown").content
    assert "old" in markdown


def test_drift_is_exit_code_1_only_if_asked(run: Run) -> None:
    done = run("new.csv", "--against", "old.csv")
    assert done.returncode == 0
    assert "serious" in done.stdout
    assert run("new.csv", "--against", "old.csv", "--fail-on", "drift").returncode == 1
    assert run("new.csv", "--against", "old.csv", "--fail-on", "serious").returncode == 1
    assert run("old.parquet", "--against", "old.csv", "--fail-on", "drift").returncode == 0


def gone(folder: Path) -> dict[str, Path]:
    """Newer versions of a table that no gate may let pass, and one that any may."""
    old = pd.read_csv(folder / "old.csv")
    versions = {
        "emptied": old.head(0),
        "nearly emptied": old.head(7),
        "new category": old.assign(c=[*old["c"][:-1], "new"]),
        "lost column": old.drop(columns="x"),
        "other type": old.assign(x=[f"{n} EUR" for n in range(len(old))]),
        "same": old,
    }
    paths = {name: folder / f"{name}.parquet" for name in versions}
    for name, version in versions.items():
        version.to_parquet(paths[name], index=False)
    return paths


def test_nothing_that_is_lost_passes_the_gate(run: Run, folder: Path) -> None:
    quiet = ("--alone", "-q", "--against", str(folder / "old.parquet"))
    for name, path in gone(folder).items():
        done = run(str(path), *quiet, "--fail-on", "drift")
        assert done.returncode == (name != "same"), (name, done)


def test_a_column_that_cannot_be_read_is_an_error(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    rows = pa.table({"good": list(range(5_000)), "bad": [f"text {n}" for n in range(5_000)]})
    pq.write_table(rows, path, compression="none", use_dictionary=False)
    raw = bytearray(path.read_bytes())
    place = raw.find(b"text 4000")
    raw[place - 4 : place + 4] = b"\xff" * 8
    path.write_bytes(raw)
    for level in ("error", "serious"):
        done = run(str(path), "--alone", "--fail-on", level)
        assert done.returncode == 1, done
        assert "could not be read" in done.stdout + done.stderr
    against = (str(path), "--alone", "-q", "--against", str(path))
    for level in ("error", "drift"):
        assert run(*against, "--fail-on", level).returncode == 1
    good = tmp_path / "good.parquet"
    pq.write_table(rows, good)
    assert run(str(good), "--alone", "--fail-on", "error").returncode == 0


def test_a_kept_profile_is_what_a_schedule_compares_with(run: Run, tmp_path: Path) -> None:
    kept = str(tmp_path / "last_week.json")
    assert run("old.csv", "-o", kept).returncode == 0
    same = run("old.csv", "--against", kept, "--fail-on", "drift")
    assert same.returncode == 0, same.stdout + same.stderr
    changed = run("new.csv", "--against", kept, "--fail-on", "drift")
    assert changed.returncode == 1, changed.stdout + changed.stderr
    report = run("new.csv", "--against", kept, "--format", "markdown").stdout
    assert re.search(r"Compared with \| `old\.csv, \d{4}-\d\d-\d\d \d\d:\d\d UTC`", report)
    newer = str(tmp_path / "this_week.json")
    assert run("new.csv", "-o", newer).returncode == 0
    both = run(newer, "--against", kept, "--fail-on", "drift")
    assert both.returncode == 1, both.stdout + both.stderr
    assert run(newer, "--against", newer, "--fail-on", "drift").returncode == 0
    # JSON that is no profile is a table as before, and a comparison is no profile.
    (tmp_path / "rows.json").write_text('[{"id": 1}]', encoding="utf-8")
    assert run("new.csv", "--against", str(tmp_path / "rows.json")).returncode == 0
    assert run("new.csv", "--against", "old.csv", "-o", kept).returncode == 0
    assert run("new.csv", "--against", kept, "--fail-on", "drift").returncode == 1


def test_alerts_by_level(run: Run) -> None:
    assert run("old.csv", "--fail-on", "serious").returncode == 0
    assert run("old.csv", "--fail-on", "warning").returncode == 1


def test_from_profile_to_checks_and_back(run: Run, tmp_path: Path) -> None:
    suite = tmp_path / "checks.json"
    assert run("old.parquet", "--suggest", str(suite), "-q").returncode == 0
    assert json.loads(suite.read_text(encoding="utf-8"))["checks"]
    kept = run("old.csv", "--checks", str(suite))
    assert kept.returncode == 0, kept.stdout
    assert "0 of" in kept.stdout
    broken = run("new.csv", "--checks", str(suite), "-o", str(tmp_path / "r.md"))
    assert broken.returncode == 1
    assert "BROKEN" in broken.stdout
    assert "checks" in (tmp_path / "r.md").read_text(encoding="utf-8").lower()
    both = run("new.csv", "--checks", str(suite), "--against", "old.csv", "--fail-on", "drift")
    assert both.returncode == 1
    assert "checks broken" in both.stdout
    assert "Its distribution has changed" in both.stdout
    for name, mark in (("c.py", "pandera"), ("c.sql", "SELECT"), ("gx", "expectation")):
        more = ("--suggest-format", "great_expectations") if name == "gx" else ()
        done = run("old.csv", "--suggest", str(tmp_path / name), *more, "-q")
        assert done.returncode == 0, done.stderr
        assert mark.lower() in (tmp_path / name).read_text(encoding="utf-8").lower()


def test_tables_of_databases_and_sheets_of_books(run: Run, folder: Path) -> None:
    whole = f"sqlite:///{folder}/shop.sqlite"
    assert "orders: 1,000 rows" in run("sqlite:///shop.sqlite#orders").stdout
    for words in ("sqlite:///${SHOP}#orders", "${WHOLE}#orders"):
        named = run(words, "--format", "json", SHOP="shop.sqlite", WHOLE=whole)
        found = json.loads(named.stdout)["result"]
        assert found["overview"]["rows"] == 1_000
        assert "shop.sqlite" not in found["run"]["source"]["location"]
    assert ": 7 rows" in run("book.xlsx#Second").stdout
    assert ": 5 rows" in run("book.xlsx").stdout


def test_options_reach_the_engine(run: Run) -> None:
    done = run(
        "old.csv", "--sample", "100", "--target", "x", "--sections", "preliminary,univariate"
    )
    assert "100 rows were looked at" in done.stdout
    found = json.loads(run("old.csv", "--format", "json", "--target", "k").stdout)
    assert found["result"]["run"]["options"]["target"] == "k"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing.csv",), "There is no"),
        (("old.txt2",), "There is no"),
        (("shop.sqlite",), "says nothing of a table"),
        (("lake://x.parquet",), "known to a lab only"),
        (("postgresql://me:secret@host/shop#orders",), "holds a password"),
        (("postgresql://me:${NO_SUCH}@host/shop#orders",), "The environment has no NO_SUCH"),
        (("postgresql://host/shop",), "No table is named"),
        (("old.csv", "--sections", "nonsense"), "no section 'nonsense'"),
        (("old.csv", "-o", "report"), "give --format"),
        (("old.csv", "-o", "/nowhere/r.html"), "No such file"),
        (("old.csv", "--full"), "give --output"),
        (("old.csv", "--fail-on", "drift"), "give --against"),
        (("old.csv", "--fail-on", "checks"), "Give --checks"),
        (("old.csv", "--checks", "old.csv"), "is no suite of checks"),
        (("old.csv", "--suggest", "x.doc"), "give --suggest-format"),
        (("old.csv", "--frobnicate"), "No such option"),
        ((), "Missing argument"),
    ],
)
def test_failures_are_exit_code_2_with_words(run: Run, words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr.replace("--", "")


def test_a_process_ends_with_the_code_and_the_words(process: Run) -> None:
    changed = process("new.csv", "--against", "-", "--fail-on", "drift", stdin=b"x\n1\n2\n")
    assert changed.returncode == 1
    for words, said in ((("nothing.csv",), "There is no"), (("-",), "empty")):
        done = process(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_a_pickle_is_never_opened(run: Run, folder: Path) -> None:
    (folder / "evil.csv").write_bytes(b"\x80\x04\x95cposix\nsystem\n.")
    done = run("evil.csv")
    assert done.returncode == 2
    assert "pickle" in done.stderr


def test_a_worker_that_cannot_start_says_what_to_install(
    run: Run, tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "orrery_engine").mkdir()
    (tmp_path / "orrery_engine" / "__init__.py").write_text("raise ImportError('no such extra')")
    code = f"import sys; sys.executable = {str(tmp_path / 'python')!r}; {COMMAND}"
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nshift 1\nexec env PYTHONPATH={tmp_path} {sys.executable} "$@"\n')
    script.chmod(0o700)
    done = subprocess.run(
        [sys.executable, "-c", code, "old.csv", "--alone"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install jupyter-orrery" in done.stderr
    assert "no such extra" in done.stderr


def workers() -> set[int]:
    """The processes of engines that run now."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"orrery_engine" in words:
            found.add(int(path.parent.name))
    return found


def children(pid: int) -> set[int]:
    """The engines that a process has started."""
    found = set()
    for worker in workers():
        try:
            said = Path(f"/proc/{worker}/stat").read_text(encoding="ascii")
        except OSError:
            continue
        if int(said.rpartition(")")[2].split()[1]) == pid:
            found.add(worker)
    return found


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table that takes a while."""
    path = tmp_path_factory.mktemp("large") / "large.parquet"
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(1_000_000, 20))).rename(columns=str)
    frame.to_parquet(path, compression=None)
    return path


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_whoever_stops_it_leaves_no_worker(large: Path, tmp_path: Path, how: int) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(large), "--alone"],
        env={**os.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    limit = time.monotonic() + 30
    while not (started := children(process.pid)):
        assert time.monotonic() < limit
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(how)
    _, said = process.communicate(timeout=20)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert said.strip().endswith("Stopped")
        assert not list(temporary.iterdir())
    limit = time.monotonic() + 5
    while started & workers():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_help_names_every_option_and_exit_code() -> None:
    said = CliRunner().invoke(eda, ["--help"]).output
    for parameter in eda.params:
        assert all(name in said for name in parameter.opts if name.startswith("--"))
    assert "Exit codes: 0" in said


def test_standard_input_is_told_by_its_content(run: Run, folder: Path) -> None:
    table = pd.read_csv(folder / "old.csv")
    records = table.to_json(orient="records")
    assert isinstance(records, str)
    lines = table.to_json(orient="records", lines=True)
    assert isinstance(lines, str)
    arrow = pa.BufferOutputStream()
    pa.feather.write_feather(pa.table({"x": range(1_000)}), arrow, compression="uncompressed")
    inputs = {
        "CSV": (folder / "old.csv").read_bytes(),
        "CSV with a mark": b"\xef\xbb\xbf" + (folder / "old.csv").read_bytes(),
        "tabs": table.to_csv(sep="\t", index=False).encode(),
        "Parquet": (folder / "old.parquet").read_bytes(),
        "JSON": records.encode(),
        "JSON after blanks": b"\n " + records.encode(),
        "lines of JSON": lines.encode(),
        "Arrow": arrow.getvalue().to_pybytes(),
    }
    for name, data in inputs.items():
        done = run("-", stdin=data)
        assert done.returncode == 0, (name, done.stderr)
        assert "1,000 rows" in done.stdout, name


def test_standard_input_of_a_named_format_and_as_the_other_side(run: Run, folder: Path) -> None:
    book = (folder / "book.xlsx").read_bytes()
    done = run("-", "--input-format", "excel", stdin=book)
    assert done.returncode == 0, done.stderr
    old = (folder / "old.csv").read_bytes()
    assert run("new.csv", "--against", "-", "--fail-on", "drift", stdin=old).returncode == 1


def test_standard_input_that_cannot_be_read_says_what_to_do(run: Run) -> None:
    for data, words, said in (
        (b"", ("-",), "empty"),
        (b" \n", ("-",), "empty"),
        (gzip.compress(b"a\n1\n"), ("-",), "gzip -dc"),
        (b"\x00\x01\x02", ("-",), "--input-format"),
        (b"a\n1\n", ("-", "--against", "-"), "one side only"),
    ):
        done = run(*words, stdin=data)
        assert done.returncode == 2, words
        assert said in done.stderr
        assert "Traceback" not in done.stderr


ORRERY = "from orrery_kernels.cli import main; main(prog_name='orrery')"


def test_an_output_that_takes_nothing_is_one_clean_line(folder: Path, tmp_path: Path) -> None:
    for code, words, status in (
        (COMMAND, ("old.csv",), 2),
        (COMMAND, ("old.csv", "--format", "json"), 2),
        (ORRERY, ("eda", "old.csv"), 2),
        (ORRERY, ("--help",), 1),
        (ORRERY, ("--version",), 1),
        (ORRERY, ("eda", "--help"), 1),
        (ORRERY, ("snippets", "--help"), 1),
    ):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [sys.executable, "-c", code, *words],
                cwd=folder,
                env=os.environ | away(tmp_path / "none"),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=120,
                check=False,
            )
        lines = done.stderr.splitlines()
        assert lines == ["Error: the standard output: No space left on device"], words
        assert done.returncode == status, words
