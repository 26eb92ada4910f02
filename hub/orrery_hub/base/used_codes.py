"""The codes of log-ins that came back already, in the memory of the service only."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict

# JupyterHub forgets a code after 300 seconds.
_CODE_SECONDS = 600
_MAX_CODES = 100_000


class UsedCodes:
    """The codes that some browser brought already, as hashes; a restart of the service forgets them."""

    def __init__(self) -> None:
        self._deadlines: OrderedDict[bytes, float] = OrderedDict()

    def use(self, code: str) -> bool:
        """Use a code up; false if it was used before. The oldest makes room for it."""
        moment = time.monotonic()
        while self._deadlines and next(iter(self._deadlines.values())) <= moment:
            self._deadlines.popitem(last=False)
        key = hashlib.sha256(code.encode("utf-8", "replace")).digest()
        if key in self._deadlines:
            return False
        self._deadlines[key] = moment + _CODE_SECONDS
        if len(self._deadlines) > _MAX_CODES:
            self._deadlines.popitem(last=False)
        return True
