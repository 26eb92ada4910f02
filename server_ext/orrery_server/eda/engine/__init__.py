"""The worker that looks at data, in a process of its own: ``python -m orrery_server.eda.engine``."""
