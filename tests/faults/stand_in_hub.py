"""JupyterHub as a table of tokens and servers, on a port of this machine: for the real hub service as a process."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from orrery_hub import scopes

CREATED = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


def stamp() -> str:
    """The moment as SQLAlchemy writes it into SQLite."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class StandInHub:
    """Knows people by their tokens, and "starts" servers: it notes in the lease what a spawner would have noted."""

    def __init__(self, database: Path, people: list[str]) -> None:
        self.database = database
        self.people = people
        self.running: set[tuple[str, str]] = set()
        self.start_count = 0
        self.lock = threading.Lock()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                return

            def do_GET(self) -> None:
                self._answer(*hub.read(self._path, self.headers.get("Authorization", "")))

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._answer(*hub.start_server(self._path))

            def do_DELETE(self) -> None:
                self._answer(*hub.stop_server(self._path))

            def do_PATCH(self) -> None:
                self._answer(404, {})

            def do_PUT(self) -> None:
                self._answer(404, {})

            @property
            def _path(self) -> list[str]:
                return [
                    unquote(p) for p in urlsplit(self.path).path.split("/api/", 1)[1].split("/")
                ]

            def _answer(self, status: int, body: Any) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hub/api"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def read(self, path: list[str], authorization: str) -> tuple[int, Any]:
        if path == ["user"]:
            name = authorization.rpartition(" ")[2].removeprefix("token-of-")
            return (200, self._model(name, with_scopes=True)) if name in self.people else (403, {})
        if path == ["users"]:
            return 200, {
                "items": [self._model(n) for n in self.people],
                "_pagination": {"next": None},
            }
        if path[0] == "users" and path[1] in self.people:
            return 200, self._model(path[1])
        if path == ["groups"]:
            return 200, {"items": [], "_pagination": {"next": None}}
        return 404, {"message": "not found"}

    def _model(self, name: str, *, with_scopes: bool = False) -> dict[str, Any]:
        created = CREATED + timedelta(seconds=self.people.index(name))
        is_admin = name == "root"
        held = scopes.carried_by("admin" if is_admin else "user")
        servers = {
            server: {"name": server, "ready": True, "pending": None, "stopped": False}
            for user, server in self.running
            if user == name
        }
        return {
            "kind": "user",
            "name": name,
            "admin": is_admin,
            "created": created.isoformat(),
            "servers": servers,
            "scopes": [scopes.ACCESS, *held] if with_scopes else [],
        }

    def start_server(self, path: list[str]) -> tuple[int, Any]:
        if len(path) < 4 or path[2] != "servers":
            return 404, {"message": "not found"}
        user, server = path[1], path[3]
        with self.lock:
            if (user, server) in self.running:
                return 400, {"message": f"{user}:{server} is already running"}
            changed = self._change_lease(
                "UPDATE lease SET state = 'running', started_at = ?, reserved_until = NULL"
                " WHERE ended_at IS NULL AND server_name = ? AND account_id ="
                " (SELECT id FROM person WHERE hub_name = ?)",
                server,
                user,
            )
            if changed != 1:
                return 400, {"message": f"{changed} leases for {user}:{server}"}
            self.running.add((user, server))
            self.start_count += 1
        return 201, {}

    def stop_server(self, path: list[str]) -> tuple[int, Any]:
        if len(path) < 4 or path[2] != "servers":
            return 404, {"message": "not found"}
        self.end(path[1], path[3])
        return 204, {}

    def end(self, user: str, server: str) -> None:
        """The server ends, and its lease with it."""
        with self.lock:
            self.running.discard((user, server))
            self._change_lease(
                "UPDATE lease SET state = 'ended', ended_at = ?, end_reason = 'stopped'"
                " WHERE ended_at IS NULL AND server_name = ? AND account_id ="
                " (SELECT id FROM person WHERE hub_name = ?)",
                server,
                user,
            )

    def _change_lease(self, statement: str, server: str, user: str) -> int:
        with closing(sqlite3.connect(self.database, timeout=30)) as connection, connection:
            return connection.execute(statement, (stamp(), server, user)).rowcount
