"""How the worker reaches data; each reader gives a ``base.Table``."""
