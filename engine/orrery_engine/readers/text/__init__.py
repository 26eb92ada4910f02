"""Delimited text: what is written there is found out from the file, read as text, and typed over whole columns."""
