"""What a worker may use of the machine: limits of the system around each job, and no network for local data."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from orrery_engine import cage
from orrery_engine.schemas import Job, Options
from tests.engine.worker_jobs import Worker, job, resolved
from tests.loops import each

# Limits and hooks stay for the life of a process, so each test has one of its own.
_PROBE = """
    import json, os, resource, socket, sys
    from orrery_engine import cage
    from orrery_engine.schemas import Job

    job = Job.model_validate_json(sys.argv[1])
    port = int(sys.argv[2])

    def attempt(act):
        try:
            act()
        except Exception as problem:
            return type(problem).__name__
        return ""

    def connect():
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
"""


def probe(body: str, of: Job, port: int = 0) -> Any:
    """What a fresh process prints as JSON."""
    code = textwrap.dedent(_PROBE) + textwrap.dedent(body)
    done = subprocess.run(
        [sys.executable, "-c", code, of.model_dump_json(), str(port)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture
def local(tmp_path: Path) -> Job:
    """A job with a local file."""
    return job(resolved(tmp_path / "a.csv"), tmp_path)


def test_each_limit_of_the_system_is_set_anew_for_each_job(local: Job) -> None:
    longer = local.model_copy(
        update={"memory": 2 * local.memory, "options": Options(seconds=2 * local.options.seconds)}
    )
    first, second = probe(
        f"""
        longer = Job.model_validate_json({longer.model_dump_json()!r})
        names = ["CORE", "FSIZE", "NOFILE", "CPU", "DATA"]
        def limits():
            return {{name: resource.getrlimit(getattr(resource, "RLIMIT_" + name))[0] for name in names}}
        cage.confine(job)
        first = limits()
        cage.confine(longer)
        print(json.dumps([first, limits()]))
        """,
        local,
    )
    assert first["CORE"] == second["CORE"] == 0
    assert first["FSIZE"] == cage.MAX_BYTES
    assert 0 < first["NOFILE"] <= cage.MAX_OPEN_FILES
    assert first["CPU"] > local.options.seconds
    assert second["CPU"] > first["CPU"]
    assert first["DATA"] > local.memory
    assert second["DATA"] > first["DATA"] + local.memory


def test_what_goes_beyond_a_limit_fails_there(local: Job) -> None:
    small = local.model_copy(update={"memory": 256 * 2**20})
    outcome = probe(
        """
        cage.MAX_BYTES = 2**20
        cage.MAX_OPEN_FILES = 40
        cage.confine(job)
        def write():
            with open(os.path.join(job.scratch, "large"), "wb") as file:
                file.write(b"x" * 2**21)
        held = []
        def open_many():
            held.extend(open(os.devnull, "rb") for _ in range(100))
        outcome = {"memory": attempt(lambda: bytearray(8 * 2**30)), "file": attempt(write)}
        outcome["files"] = attempt(open_many)
        print(json.dumps(outcome))
        """,
        small,
    )
    assert outcome == {"memory": "MemoryError", "file": "OSError", "files": "OSError"}


def test_a_job_with_local_data_reaches_nobody_and_the_next_with_an_address_does(
    local: Job,
) -> None:
    elsewhere = local.model_copy(
        update={"source": resolved("https://example.org/a.csv", format="csv")}
    )
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        outcome = probe(
            f"""
            elsewhere = Job.model_validate_json({elsewhere.model_dump_json()!r})
            def look_up():
                socket.getaddrinfo("localhost", 80)
            def send():
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
                    datagrams.sendto(b"x", ("127.0.0.1", port))
            def own():
                first, second = socket.socketpair()
                first.close(), second.close()
            cage.confine(job)
            shut = [attempt(connect), attempt(look_up), attempt(send), attempt(own)]
            cage.confine(elsewhere)
            open_ = [attempt(connect), attempt(look_up), attempt(send)]
            cage.confine(job)
            print(json.dumps([shut, open_, attempt(connect)]))
            """,
            local,
            server.getsockname()[1],
        )
    assert outcome == [["PermissionError"] * 3 + [""], [""] * 3, "PermissionError"]


@each(
    "location, is_here",
    [
        ("/data/a.csv", True),
        ("/data/*.parquet", True),
        ("sqlite:////data/a.db", True),
        ("sqlite+pysqlite:////data/a.db", True),
        ("postgresql://host/a", False),
        ("mysql+pymysql://host/a", False),
        ("s3://bucket/a.csv", False),
        ("https://host/a.csv", False),
    ],
)
def test_what_is_elsewhere_is_known_by_its_address(
    location: str, is_here: bool, tmp_path: Path
) -> None:
    source = resolved(location, format="csv")
    assert cage.is_local(job(source, tmp_path)) == is_here
    both = job(resolved(tmp_path / "a.csv"), tmp_path).model_copy(update={"against": source})
    assert cage.is_local(both) == is_here


def test_the_worker_confines_itself(tmp_path: Path) -> None:
    """The limits of the living process are looked at."""
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    worker = Worker()
    try:
        worker.send(job(resolved(path), tmp_path / "s").model_dump_json())
        worker.until_end()
        limits = Path(f"/proc/{worker.process.pid}/limits").read_text(encoding="ascii")
    finally:
        worker.close()
    lines = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()[1:]}
    assert lines["Max core file size"] == "0"
    assert lines["Max file size"] == str(cage.MAX_BYTES)
    assert lines["Max data size"].isdigit()
    assert lines["Max cpu time"].isdigit()
