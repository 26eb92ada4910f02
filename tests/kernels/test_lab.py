"""The magics in a real kernel and `orrery` in a real process, against a real Jupyter server with Orrery."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path

from tests.kernels.hostile import STRINGS
from tests.kernels.lab import Kernel, Lab

CANNOT_BE_SENT = ("\x00", "\ud800")


def test_kernel_comes_with_the_magics(kernel: Kernel) -> None:
    said = kernel.run("%orrery").text
    assert "%%snip save NAME" in said
    assert "Server: http://127.0.0.1:" in said


def test_both_names_of_the_extension_and_of_the_magic(kernel: Kernel) -> None:
    assert kernel.run("%load_ext jupyter_orrery").status == "ok"
    assert kernel.complete("%snip sh").count("show") == 1
    assert "lake-parquet" in kernel.run("%snippets list parquet").text
    assert "lake-parquet" in kernel.complete("%snippets lake-pa")


def test_verbs_of_the_terminal_in_a_cell(kernel: Kernel) -> None:
    assert "read_parquet" in kernel.run("%snip print lake-parquet").text
    assert "bundled" in kernel.run("%snip libraries list").text
    refused = kernel.run("%snip restore lake-parquet x")
    assert refused.status == "error"
    assert "'x' is not a valid integer" in refused.text
    assert "Traceback" not in refused.text
    assert "Make an earlier version" in kernel.run("%snip restore --help").text
    assert "refresh" in kernel.complete("%snip libraries re")


def test_help(kernel: Kernel) -> None:
    assert "put the snippet into the next cell" in kernel.run("%snip?").page


def test_environment_names_the_file_and_not_the_token(lab: Lab, kernel: Kernel) -> None:
    token = json.loads(lab.connection_file().read_text(encoding="utf-8"))["token"]
    shown = kernel.run("import os; print(dict(os.environ))").text
    assert str(lab.connection_file()) in shown
    assert token not in shown


def test_connection_file_is_private_and_goes_with_the_server(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.start()
    path = lab.connection_file()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lab.stop()
    assert not path.exists()


def test_save_in_a_kernel_find_in_a_terminal_insert_again(lab: Lab, kernel: Kernel) -> None:
    saved = kernel.run(
        "%%snip save Mean of columns --tags eda,mean --prefix mean --vscode\n${1:df}.mean()$0"
    )
    assert saved.text.startswith("Saved 'Mean of columns'")
    (found,) = json.loads(
        lab.orrery("list", "mean", "columns", "--scope", "mine", "--json").stdout
    )["items"]
    assert (found["tags"], found["scope"], found["syntax"]) == (["eda", "mean"], "mine", "vscode")
    assert kernel.run("%snip mean df=train").next_cell == "train.mean()"
    assert lab.orrery("print", "mean", "df=test").stdout == "test.mean()\n"
    again = json.loads(lab.orrery("show", "mean", "--json").stdout)
    assert again["uses"] == found["uses"] + 1


def test_run_a_shipped_snippet(kernel: Kernel) -> None:
    reply = kernel.run("%snip -x data-sample df=flowers\nprint(len(flowers))")
    assert reply.status == "ok"
    assert reply.text.endswith("178\n")


def test_shipped_library_is_there_and_read_only(lab: Lab, kernel: Kernel) -> None:
    listed = json.loads(lab.orrery("list", "--scope", "library", "--limit", "200", "--json").stdout)
    assert listed["total"] >= 44
    assert all(not item["writable"] and item["library"] for item in listed["items"])
    assert kernel.run("%snip lake-parquet df=wine 2=iris LAKE=s3://b").next_cell == (
        'import pandas as pd\n\nwine = pd.read_parquet("s3://b/iris.parquet")\nwine.head()'
    )
    refused = lab.orrery("delete", "lake-parquet", "--yes")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def test_chosen_dataframe_of_the_kernel(kernel: Kernel) -> None:
    kernel.run(
        "import pandas as pd\nsales = pd.DataFrame({'a': [1]})\ndel flowers"
        if "flowers" in kernel.run("%who").text
        else "import pandas as pd\nsales = pd.DataFrame({'a': [1]})"
    )
    assert "sales.isna()" in (kernel.run("%snip eda-look").next_cell or "")


def test_list_and_show_are_rich(kernel: Kernel) -> None:
    listed = kernel.run("%snip list parquet")
    assert "lake-parquet" in listed.text
    assert "<table>" in listed.html
    shown = kernel.run("%snip show lake-parquet")
    assert "Placeholders: df" in shown.text
    assert "<pre>" in shown.html


def test_completion_in_the_kernel(kernel: Kernel) -> None:
    assert "lake-parquet" in kernel.complete("%snip lake-pa")
    assert "show" in kernel.complete("%snip sh")
    assert "--tags" in kernel.complete("%%snip save x --t")


def test_secret_is_not_saved_without_a_word(lab: Lab, kernel: Kernel) -> None:
    key = "AKIA" + "Q3EGRIXAMPLEKEYZ"[:16]
    refused = kernel.run(f"%%snip save With key\naws_access_key_id = '{key}'")
    assert refused.status == "error"
    assert "--allow-secrets" in refused.text
    assert key not in refused.text
    assert "With key" not in lab.orrery("list", "key", "--scope", "mine").stdout
    assert kernel.run(f"%%snip save With key --allow-secrets\nkey = '{key}'").status == "ok"


def test_life_of_a_snippet_in_a_terminal(lab: Lab, tmp_path: Path) -> None:
    assert lab.orrery("save", "Life", "--tags", "x", stdin="one = 1\n").returncode == 0
    assert lab.orrery("save", "Life", stdin="two = 2\n").returncode == 2
    assert lab.orrery("save", "Life", "--replace", stdin="two = 2\n").returncode == 0
    assert "2 " in lab.orrery("history", "Life").stdout
    assert lab.orrery("restore", "Life", "1").returncode == 0
    assert lab.orrery("print", "Life").stdout == "one = 1\n"
    assert "is a favourite" in lab.orrery("favourite", "Life").stdout
    assert lab.orrery("export", "Life", "--output", str(tmp_path)).returncode == 0
    (written,) = tmp_path.iterdir()
    snippet_id = json.loads(lab.orrery("show", "Life", "--json").stdout)["id"]
    assert lab.orrery("delete", "Life", "--yes").returncode == 0
    assert lab.orrery("show", "Life").returncode == 1
    assert "1 created" in lab.orrery("import", str(written)).stdout
    assert lab.orrery("delete", "Life", "--yes").returncode == 0
    assert lab.orrery("undelete", snippet_id).stdout == "'Life' is back\n"


def test_failures_are_words(kernel: Kernel) -> None:
    for line in ("%snip no-such-snippet", "%snip", "%snip 'open", "%snip save", "%snip -y x"):
        reply = kernel.run(line)
        assert reply.status == "error", line
        assert "UsageError" in reply.text
        assert "Traceback" not in reply.text


def test_hostile_lines_against_the_real_server(lab: Lab, kernel: Kernel, tmp_path: Path) -> None:
    """Set O: no file appears, the kernel and the server live, and nothing is an error that nobody foresaw."""
    canary = tmp_path / "canary"
    lines = [
        text.replace("{canary}", str(canary))
        for text in STRINGS
        if not set(text) & set(CANNOT_BE_SENT)
    ]
    lines = [line for line in lines if line.isprintable()]
    assert len(lines) >= 150
    kernel.run(f"lines = {lines!r}\nsaid = []")
    reply = kernel.run(
        "from IPython.core.error import UsageError\n"
        "for line in lines:\n"
        "    for form in ('{}', 'show {}', 'save {}'):\n"
        "        try:\n"
        "            get_ipython().run_line_magic('snip', form.replace('{}', line))\n"
        "        except UsageError as refused:\n"
        "            said.append(str(refused))\n"
    )
    assert reply.status == "ok", reply.text[-2_000:]
    assert "nobody foresaw" not in kernel.run("print('\\n'.join(said))").text
    assert not canary.exists()
    assert list(tmp_path.iterdir()) == []
    assert lab.ask("GET", "orrery/status")["version"]


def test_wrong_token_opens_nothing(lab: Lab, tmp_path: Path) -> None:
    said = json.loads(lab.connection_file().read_text(encoding="utf-8"))
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({**said, "token": "wrong"}), encoding="utf-8")
    path.chmod(0o600)
    lab.environment["ORRERY_CONNECTION_FILE"] = str(path)
    try:
        done = lab.orrery("list")
    finally:
        del lab.environment["ORRERY_CONNECTION_FILE"]
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert said["token"] not in done.stderr


def test_server_killed_and_back(tmp_path: Path) -> None:
    """What was saved is there after a SIGKILL; a terminal that outlived it says what is wrong at once."""
    lab = Lab(tmp_path)
    lab.start()
    try:
        assert lab.orrery("save", "Kept", stdin="kept = 1").returncode == 0
        lab.kill()
        lab.environment["ORRERY_CONNECTION_FILE"] = str(lab.connection_file())
        start = time.monotonic()
        done = lab.orrery("list")
        assert time.monotonic() - start < 10
        assert done.returncode == 1
        assert "cannot be reached" in done.stderr
        del lab.environment["ORRERY_CONNECTION_FILE"]
        lab.start()
        assert lab.orrery("print", "Kept").stdout == "kept = 1\n"
    finally:
        lab.stop()
