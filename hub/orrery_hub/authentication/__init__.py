"""How people log in, other than with the shared passwords of one machine: code that runs in JupyterHub."""
