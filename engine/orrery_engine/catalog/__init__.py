"""Databases as trees: schemas, tables and columns by pages, and rows of a table, from queries of our own."""
