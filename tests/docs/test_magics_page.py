"""The page of magics and commands, word for word: each magic in a kernel, each command line in a terminal of a lab."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.kernels.lab import Kernel, Lab

PAGE = Path(__file__).resolve().parents[2] / "docs" / "magics.md"
TEXT = PAGE.read_text(encoding="utf-8")
# What the person of the page has: dataframes, three cells that were run, a snippet of the own.
BEFORE = """
import pandas as pd
df = pd.DataFrame({"price": [1.0, 2.0, 3.5, 4.0] * 5, "city": ["Paris", "Rome"] * 10})
before, after = df, df.assign(price=df.price * 10)
"""
# What a word in capitals stands for.
NAMES = {"NAME": "mine", "SLUG": "personal", "NAME:PATH": "files:"}
# Each line of the table: what it does, and what is seen when that is done.
MAGICS = {
    "%orrery": ("lists the magics, and the server that the kernel talks to", "Server: http://"),
    "%eda df": (
        "profiles a dataframe, a path, `lake://...` or `s3://...` ([Profiles](eda.md))",
        "20 rows",
    ),
    "%eda --compare before after": ("shows what changed from one to the other", "price"),
    "%eda df --check suite": ("checks whether data keep their promises", "price"),
    "%%eda": ("runs the cell, and profiles the dataframe that it shows or makes", "20 rows"),
    "%snip NAME": ("puts a snippet into the next cell", "df.head()"),
    "%snip NAME df=train": ("the same, with a value for a placeholder", "train.head()"),
    "%snip -x NAME": ("runs it instead", "Paris"),
    "%snip list parquet": ("lists snippets that hold the words", "lake-parquet"),
    "%snip show NAME": ("shows one", "${1:df}.head()"),
    "%snip save NAME --input 3-5": ("saves cells that were run", "Saved"),
    "%%snip save NAME --tags eda": ("saves this cell, without running it", "Saved"),
    "%snip history NAME": (
        "lists its versions; so do `print`, `restore`, `import`, `export`, `libraries` what they do in a terminal",
        "1 of 1",
    ),
    "%projects switch SLUG": (
        "lets the lab work in a project; `%projects list`, `members`, `invite` and the others as in a terminal",
        "Works in 'Personal'",
    ),
    "%data": (
        "lists the connections, the lake and the lab's files ([Data](data.md))",
        "this lab",
    ),
    "%data ls NAME:PATH": (
        "lists what is in a folder, a database or a table; `%data head`, `get`, `put` as in a terminal",
        "0 of 0 entries",
    ),
    "%pool": (
        "shows what this server holds of a pool; `%pool list` what it may be started with ([Compute](compute.md))",
        "holds nothing of a pool",
    ),
    "%queue": (
        "lists your requests for devices; `%queue request PROFILE`, `claim`, `cancel` as in a terminal",
        "0 of 0 requests",
    ),
    "%servers": (
        "lists your servers at the hub; `%servers start NAME`, `%servers stop NAME --yes`",
        "0 of 0 servers",
    ),
}
CELLS = {"%%eda": "df.copy()", "%%snip save NAME --tags eda": "1 / 0"}


@pytest.fixture(scope="module")
def kernel(lab: Lab) -> Kernel:
    kernel = lab.kernel()
    for cell in (BEFORE, "%load_ext jupyter_orrery", "first = 1", "second = 2", "third = 3"):
        assert kernel.run(cell).status == "ok"
    saved = lab.orrery("save", "Mine", "--prefix", "mine", "--vscode", stdin="${1:df}.head()$0")
    assert saved.returncode == 0, saved.stderr
    assert kernel.run("suite = __import__('jupyter_orrery').eda.profile(df).suite()").status == "ok"
    return kernel


def test_the_table_of_magics_is_true(kernel: Kernel) -> None:
    table = dict(re.findall(r"^\| `(%[^`]+)` \| (.+) \|$", TEXT, re.MULTILINE))
    assert table == {magic: does for magic, (does, _) in MAGICS.items()}
    false = []
    for number, (magic, (_, seen)) in enumerate(MAGICS.items()):
        words = [NAMES.get(word, word) for word in magic.split(" ")]
        if "save" in words:
            words[words.index("mine")] = f"saved-{number}"
        reply = kernel.run("\n".join([" ".join(words), CELLS.get(magic, "")]).strip())
        shown = f"{reply.text}{reply.html}{reply.next_cell or ''}"
        if reply.status != "ok" or seen not in shown:
            false.append(f"{magic}: {reply.status}, {shown[-600:]}")
    assert not false, "\n".join(false)


def test_what_the_page_says_beside_the_table_is_true(kernel: Kernel) -> None:
    assert "`%snip` is the short name of `%snippets`. `%eda?` and `%snip?` show all of it." in TEXT
    assert kernel.run("%snippets list parquet").text == kernel.run("%snip list parquet").text
    assert "--compare" in kernel.run("%eda?").page
    assert "put the snippet into the next cell" in kernel.run("%snip?").page
    assert "Names, dataframes, columns and files are completed with ++tab++" in TEXT
    assert "mine" in kernel.complete("%snip show mi")
    assert "before" in kernel.complete("%eda bef")
    assert "price" in kernel.complete("%eda df --target pri")
    assert "a snippet is named by its name, its prefix or its id" in TEXT
    for name in ("Mine", "mine"):
        assert "df.head()" in (kernel.run(f"%snip {name}").next_cell or "")


def test_the_command_lines_do_what_they_say(lab: Lab, kernel: Kernel) -> None:
    home = lab.folder / "home"
    (home / "clean.py").write_text("names = [name.strip() for name in names]\n")
    (home / "team.code-snippets").write_text('{"Ours": {"body": ["ours = 1"], "scope": "python"}}')
    (block,) = re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
    lines = block.splitlines()
    assert len(lines) >= 7
    for line in lines:
        command, _, file = line.partition(" > ")
        program, group, *words = shlex.split(command)
        assert program == "orrery"
        done = lab.orrery(*words, group=group)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        assert done.stdout
        if file:
            (home / file).write_text(done.stdout)
    assert "train" in (home / "read.py").read_text()
    assert "Clean names" in lab.orrery("list", "clean").stdout
    assert "Ours" in lab.orrery("list", "--scope", "project").stdout
    assert list(home.glob("*.code-snippets"))


def test_the_exit_codes_are_those_of_the_page(lab: Lab, kernel: Kernel) -> None:
    assert "The exit code is 0, or 1 when it was refused or failed, or 2\nwhen the words were wrong" in TEXT  # fmt: skip
    assert lab.orrery("list").returncode == 0
    assert lab.orrery("show", "there is none").returncode == 1
    assert lab.orrery("show").returncode == 2
    assert "Every command has `--help` with examples, and those that list have `--json`." in TEXT
    assert lab.orrery("list", "--json").stdout.startswith("{")
    assert "orrery snippets" in lab.orrery("restore", "--help").stdout
