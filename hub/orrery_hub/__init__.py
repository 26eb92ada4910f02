"""The hub side of Orrery: one call for `jupyterhub_config.py`, and the service beside JupyterHub."""

__version__ = "0.1.0"
