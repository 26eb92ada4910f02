"""An environment with the frameworks that are not installed by default, on top of ``.venv``, in ``.cache/frameworks``."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / ".cache" / "frameworks"


def main() -> None:
    """Make it and install what ``requirements/frameworks.txt`` lists."""
    if not (HERE / "bin" / "python").exists():
        venv.create(HERE, with_pip=True, symlinks=True)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    below = ROOT / ".venv" / "lib" / version / "site-packages"
    # addsitedir, not a plain path: the editable install of Orrery in .venv is itself a .pth file.
    (HERE / "lib" / version / "site-packages" / "below.pth").write_text(
        f"import site; site.addsitedir({str(below)!r})\n", encoding="utf-8"
    )
    subprocess.run(  # noqa: S603  # our own interpreter
        [HERE / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", ROOT / "requirements" / "frameworks.txt"],
        check=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
