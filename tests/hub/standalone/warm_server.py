"""A part that can stand by: it answers on the socket that the supervisor holds."""

from __future__ import annotations

import http.server
import os

from orrery_hub.listeners import inherited_listener


def main() -> None:
    """Serve until killed."""
    listener = inherited_listener(int(os.environ["WARM_PORT"]))
    assert listener
    listener.setblocking(True)
    handler = http.server.SimpleHTTPRequestHandler
    server = http.server.HTTPServer(("127.0.0.1", 0), handler, bind_and_activate=False)
    server.socket = listener
    server.serve_forever()


if __name__ == "__main__":
    main()
