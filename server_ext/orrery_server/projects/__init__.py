"""Projects: which there are, which one this server works in, and what Home shows."""
