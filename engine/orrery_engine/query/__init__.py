"""SQL over a connection, and by DuckDB over files of stores: read-only by transaction, within limits, cancelled where it runs."""
