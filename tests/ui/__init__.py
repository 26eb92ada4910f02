"""The product in a real browser: one browser, and one lab of each person, for all files."""
