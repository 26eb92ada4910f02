"""Compute from a terminal: pools, the queue for devices, and the person's servers."""
