"""JSON: records in lists, lines or documents, read exactly and typed over whole columns."""
