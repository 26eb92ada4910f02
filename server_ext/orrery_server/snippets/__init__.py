"""Snippets: found, saved, shared, versioned, brought in and out."""
