"""The version of Orrery."""

__version__ = "0.1.0"
