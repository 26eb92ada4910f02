"""Where a process on this machine reaches the server."""

from __future__ import annotations

from jupyter_server.serverapp import ServerApp

_LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]", "*": "127.0.0.1"}  # noqa: S104


def loopback_url(server: ServerApp) -> str | None:
    """Where a process on this machine reaches the server; None if it cannot."""
    if server.sock:
        return None
    host = _LOOPBACK.get(server.ip, f"[{server.ip}]" if ":" in server.ip else server.ip)
    if host not in ("localhost", "[::1]") and not host.startswith("127."):
        return None
    scheme = "https" if server.certfile else "http"
    return f"{scheme}://{host}:{server.port}{server.base_url}"
