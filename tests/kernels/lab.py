"""A real Jupyter server with Orrery, its kernels, and the command line beside it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from jupyter_client.blocking.client import BlockingKernelClient
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

KERNELSPECS = Path(__file__).parents[2] / "kernels" / "kernelspecs"
TOKEN = "of-the-person"
COMMAND = "from orrery_kernels.cli import main; main(prog_name='orrery')"
FRAMES = '__import__("orrery_kernels.eda.frames", fromlist=["frames"])'
POINTS = """[orrery.commands]
eda = orrery_kernels.eda.commands:eda
pools = orrery_kernels.compute.commands:pools
projects = orrery_kernels.projects.commands:projects
queue = orrery_kernels.compute.commands:queue
servers = orrery_kernels.compute.commands:servers
snippets = orrery_kernels.snippets.commands:snippets
"""


@dataclass
class Reply:
    """What came of running code in a kernel."""

    status: str
    text: str
    html: str
    next_cell: str | None
    page: str


class Lab:
    """The server, in folders of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("home", "runtime", "config", "data", "share/kernels", "ipython", "bin"):
            (folder / name).mkdir(parents=True)
        (folder / "share" / "kernels" / "orrery").symlink_to(KERNELSPECS / "orrery")
        self.environment = {
            **{
                k: v
                for k, v in os.environ.items()
                if not k.startswith(("ORRERY", "JUPYTERHUB", "JPY"))
            },
            "HOME": str(folder / "home"),
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_PATH": str(folder / "share"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self._clients: list[BlockingKernelClient] = []

    def start(self) -> None:
        """Start it and wait until Orrery answers."""
        settings = [
            "--ServerApp.ip=127.0.0.1",
            "--ServerApp.port=0",
            "--ServerApp.open_browser=False",
            f"--ServerApp.root_dir={self.folder / 'home'}",
            f"--IdentityProvider.token={TOKEN}",
            "--ServerApp.jpserver_extensions={'orrery_server': True}",
            # Four seconds of processor time after the first profile, for a report that few tests ask for.
            "--EdaService.prepare_full_report=False",
            "--allow-root",
        ]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyter_server", *settings],
                env=self.environment,
                cwd=self.folder / "home",
                stdout=log,
                stderr=log,
            )
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            if self.connection_file().exists() and self._answers():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.kill()
        raise AssertionError((self.folder / "server.log").read_text(encoding="utf-8")[:8_000])

    def connection_file(self) -> Path:
        """Where the server leaves its address and token for its own processes."""
        assert self.process is not None
        return self.folder / "runtime" / f"orrery-{self.process.pid}.json"

    def _answers(self) -> bool:
        self.url = json.loads(self.connection_file().read_text(encoding="utf-8"))["url"]
        try:
            self.ask("GET", "orrery/status")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """A request with the person's own token."""
        raw = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, raw, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop it and every kernel."""
        for client in list(self._clients):
            self.end(Kernel(client))
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def kernel(self) -> Kernel:
        """A kernel ``Python (Orrery)`` that the server started."""
        kernel_id = self.ask("POST", "api/kernels", {"name": "orrery"})["id"]
        path = self.folder / "runtime" / f"kernel-{kernel_id}.json"
        client = BlockingKernelClient(connection_file=str(path))
        client.load_connection_file()
        client.start_channels(hb=False)  # on a busy machine a late heartbeat is no death
        client.wait_for_ready(timeout=60)
        self._clients.append(client)
        return Kernel(client)

    def end(self, kernel: Kernel) -> None:
        """Stop a kernel, and give back what it holds."""
        self._clients.remove(kernel.client)
        kernel.client.shutdown()
        kernel.client.stop_channels()

    def orrery(
        self, *words: str, stdin: str = "", group: str = "snippets"
    ) -> subprocess.CompletedProcess[str]:
        """``orrery`` as in a terminal of the lab, which finds the server by its runtime folder."""
        info = self.folder / "bin" / "orrery_lab-1.dist-info"
        if not info.exists():
            info.mkdir()
            (info / "METADATA").write_text("Metadata-Version: 2.1\nName: orrery-lab\nVersion: 1\n")
            (info / "entry_points.txt").write_text(POINTS)
        path = os.pathsep.join([str(info.parent), self.environment.get("PYTHONPATH", "")])
        return subprocess.run(
            [sys.executable, "-c", COMMAND, group, *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env={**self.environment, "PYTHONPATH": path},
            cwd=self.folder / "home",
            check=False,
        )


class Kernel:
    """A kernel and what it answers."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client

    def run(self, code: str) -> Reply:
        """Run a cell."""
        texts: list[str] = []
        pages: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                texts.append(content["text"])
            elif message["msg_type"] in ("execute_result", "display_data"):
                texts.append(content["data"].get("text/plain", ""))
                pages.append(content["data"].get("text/html", ""))
            elif message["msg_type"] == "error":
                texts.append("\n".join(content["traceback"]))

        reply = self.client.execute_interactive(code, output_hook=hear, timeout=60)["content"]
        payload = {item["source"]: item for item in reply.get("payload", [])}
        shown = payload.get("page", {}).get("data", {}).get("text/plain", "")
        next_cell = payload.get("set_next_input", {}).get("text")
        return Reply(reply["status"], "".join(texts), "".join(pages), next_cell, shown)

    def outputs(self, code: str) -> list[NotebookNode]:
        """What a notebook keeps of a cell that is run."""
        found: list[NotebookNode] = []
        kinds = ("stream", "execute_result", "display_data", "error")

        def hear(message: dict[str, Any]) -> None:
            if message["msg_type"] in kinds:
                found.append(output_from_msg(message))

        self.client.execute_interactive(code, output_hook=hear, timeout=60)
        return found

    def complete(self, code: str) -> list[str]:
        """What Tab offers at the end of the code."""
        reply: dict[str, Any] = self.client.complete(code, len(code), reply=True, timeout=60)
        found: list[str] = reply["content"]["matches"]
        return found


class Side:
    """A subshell of a kernel, used as the Profiles panel does: by a client of its own."""

    def __init__(self, kernel: Kernel) -> None:
        self._client = BlockingKernelClient(connection_file=kernel.client.connection_file)
        self._client.load_connection_file()
        self._client.start_channels(hb=False)
        self._client.control_channel.send(self._client.session.msg("create_subshell_request", {}))
        reply = self._client.get_control_msg(timeout=30)
        self._id = reply["content"]["subshell_id"]

    def begin(self, call: str) -> str:
        """Ask for a call of ``frames``; the id of the question."""
        content = {
            "code": "",
            "silent": True,
            "store_history": False,
            "user_expressions": {"orrery": f"{FRAMES}.{call}"},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message = self._client.session.msg("execute_request", content)
        message["header"]["subshell_id"] = self._id
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def has_answered(self) -> bool:
        """Whether an answer waits to be read."""
        return bool(self._client.shell_channel.msg_ready())

    def end(self, question: str) -> Any:
        """The JSON that it answers."""
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            reply = self._client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == question:
                said = reply["content"]["user_expressions"]["orrery"]
                assert said["status"] == "ok", said
                return json.loads(ast.literal_eval(said["data"]["text/plain"]))
        raise AssertionError("no answer of the subshell")

    def ask(self, call: str) -> Any:
        """Both."""
        return self.end(self.begin(call))

    def close(self) -> None:
        """End its connections."""
        self._client.stop_channels()


class Memory:
    """The most that a process has of its own while it is watched."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.before = self.peak = self._now()

    def _now(self) -> int:
        said = self._status.read_text(encoding="ascii")
        return int(said.split("RssAnon:")[1].split()[0]) * 1024

    def _watch(self) -> None:
        while not self._stop.wait(0.005):
            self.peak = max(self.peak, self._now())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
