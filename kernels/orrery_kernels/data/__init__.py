"""Data in kernels and terminals: files of stores and tables of databases, read through the lab's server."""
