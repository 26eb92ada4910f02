"""Where snippets are kept, and where libraries come from."""
