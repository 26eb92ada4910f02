"""Backends of pools: one module for each kind of place where servers run."""
