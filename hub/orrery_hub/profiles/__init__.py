"""Where labs run: one module for each kind of installation, with the same ``configure``."""
