"""Statistics of columns and of pairs of columns."""
