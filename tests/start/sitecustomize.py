"""Read by every Python that tests start, for its folder is in their PYTHONPATH.

jsonschema, which each server, hub and lab imports, builds the grammars of international addresses (RFC 3987): 1.3 s of
processor time in some hundred processes, for formats that no schema here has. Without them it checks the rest as ever.
"""

import sys

sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
