"""Texts that attackers send, by what they attack."""
