"""Places of connections: the hub, or this machine."""
