"""Files in object stores and folders: listing by pages, ranged reads, writes, and what a failure means."""
