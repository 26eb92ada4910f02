"""Stands for a lab: answers at the address that JupyterHub gave, and tells its environment."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Lab(BaseHTTPRequestHandler):
    """Says who it is, whatever is asked."""

    def do_GET(self) -> None:
        environment = {
            k: v for k, v in os.environ.items() if k.startswith(("ORRERY", "MLFLOW", "JUPYTER"))
        }
        body = json.dumps({"pid": os.getpid(), "environment": environment}).encode()
        self.send_response(200)
        self.send_header("X-JupyterHub-Version", "6.1.1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
ThreadingHTTPServer((address.hostname or "127.0.0.1", address.port or 0), Lab).serve_forever()
