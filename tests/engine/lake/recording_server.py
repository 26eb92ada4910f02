"""A server that notes what it is asked with, and answers as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FACTS = {"ETag": '"x"', "Last-Modified": "Sat, 28 Nov 2026 00:00:00 GMT"}
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Recording:
    """What came: the first line and the headers of each request, as one text."""

    url: str = ""
    requests: list[str] = field(default_factory=list)


@contextmanager
def recording(answer: Callable[[str, str, str], Answer]) -> Iterator[Recording]:
    """A server on this machine.

    Args:
        answer: of the method, the path and the header ``Range`` gives status, headers and body.
    """
    notes = Recording()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            notes.requests.append(f"{self.command} {self.path}\n{self.headers}")
            status, headers, body = answer(self.command, self.path, self.headers.get("Range", ""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **FACTS, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_PUT = do_POST = do_GET  # noqa: N815  # names of the library

        def log_message(self, *_: object) -> None:
            """Write nothing to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    notes.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield notes
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
