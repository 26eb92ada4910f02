"""Where secrets of connections are stored: one contract, and each place that keeps it."""
