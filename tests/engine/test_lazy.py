"""Libraries that are loaded when they are first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from orrery_engine.lazy import LazyModule


def test_nothing_is_loaded_before_something_is_asked_for() -> None:
    code = (
        "import sys; from orrery_engine.lazy import LazyModule; lazy = LazyModule('xml.dom.minidom')\n"
        "print('xml.dom.minidom' in sys.modules); lazy.parseString; print('xml.dom.minidom' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_what_is_not_there_is_an_error_of_python() -> None:
    assert LazyModule("math").pi == pytest.approx(3.14159, abs=1e-5)
    with pytest.raises(AttributeError, match="nothing_such"):
        LazyModule("math").nothing_such  # noqa: B018
    with pytest.raises(ImportError):
        LazyModule("no_such_module_at_all").x  # noqa: B018
