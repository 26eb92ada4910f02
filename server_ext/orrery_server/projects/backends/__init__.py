"""Where projects are known."""
