"""What a file or a table of a lake holds, without a kernel: windows of rows by ranged reads, parsed in worker processes."""
