"""The type of what was read from JSON and has no shape of its own yet."""

from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""One object of JSON, of JupyterHub's models or of Kubernetes' manifests, before it is checked against a shape."""
