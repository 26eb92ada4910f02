"""Measurements beside a peer on the same machine: `python -m tests.bench`, or `make bench`."""
