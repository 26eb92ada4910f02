"""Projects from a terminal: which there are, who is in them, and the one that the lab works in."""
