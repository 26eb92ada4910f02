"""The whole product while its parts die, its disk is full, and its files are damaged."""
