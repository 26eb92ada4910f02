"""Typed dictionaries and calls of the lab's server, generated from its routes by ``tools/clients.py``; no pydantic."""
