"""Attacks on every route and every field, found by themselves: what is added later is attacked too."""
