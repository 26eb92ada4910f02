"""Where the tables are that can be profiled, and where reports are kept."""
