"""Auto-EDA: what is in a table, told at once and refined while the person looks."""
