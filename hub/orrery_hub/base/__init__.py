"""The ground of the hub service; knows no capability."""
