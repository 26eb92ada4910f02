"""Snippets that live at the hub."""
