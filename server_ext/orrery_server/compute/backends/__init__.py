"""Places that give out devices."""
