"""A server that answers as a test wants, for what a real one cannot be made to do."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]
TOKEN = "a-token-that-nobody-may-see"


def answer_json(status: int, body: object) -> Answer:
    """An answer with a JSON body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        raw = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    return answer


@dataclass
class Stub:
    """What was asked, and what to answer: by ``METHOD path`` without the query, or by default."""

    answers: dict[str, Answer] = field(default_factory=dict)
    default: Answer = field(default_factory=lambda: answer_json(200, {"ok": True}))
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_port}/user/ada/"

    def start(self) -> None:
        """Listen on a free port of this machine."""
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                stub.asked.append(
                    (self.command, self.path, dict(self.headers), json.loads(raw) if raw else None)
                )
                path = self.path.partition("?")[0].removeprefix("/user/ada/orrery/")
                stub.answers.get(f"{self.command} {path}", stub.default)(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Keep the test's output to what the test says."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()

    def connection_file(self, folder: Path, mode: int = 0o600, **other: object) -> Path:
        """A connection file that leads here."""
        path = folder / f"orrery-{os.getpid()}.json"
        said = {"url": self.url, "token": TOKEN, "pid": os.getpid(), **other}
        path.write_text(json.dumps(said), encoding="utf-8")
        path.chmod(mode)
        return path


def snippet(name: str = "Read wine", **other: Any) -> dict[str, Any]:
    """A snippet as a server sends it."""
    return {
        "id": "s1",
        "name": name,
        "description": "",
        "language": "python",
        "tags": [],
        "other_languages": [],
        "prefixes": [],
        "syntax": "plain",
        "cells": [{"kind": "code", "source": "x = 1"}],
        "scope": "mine",
        "project": None,
        "library": None,
        "version": 1,
        "writable": True,
        "favourite": False,
        "requires": [],
        "updated": "2026-11-21T02:00:00Z",
        "updated_by": "ada",
        **other,
    }


def page(*items: dict[str, Any]) -> dict[str, Any]:
    """A page of snippets as a server sends it."""
    facets = {"tags": [], "languages": [], "scopes": []}
    return {
        "items": list(items),
        "total": len(items),
        "exact_count": len(items),
        "offset": 0,
        "limit": 50,
        "facets": facets,
        "notices": [],
    }


def import_job(**report: Any) -> dict[str, Any]:
    """An import that has ended, as a server sends it."""
    nothing: dict[str, Any] = {
        "created": [],
        "replaced": [],
        "skipped": [],
        "failed": [],
        "notes": [],
    }
    return {
        "id": "j1",
        "state": "done",
        "started": "2026-11-21T02:00:00Z",
        "done": 1,
        "total": 1,
        "report": {**nothing, **report},
        "undo": [],
        "error": "",
    }
