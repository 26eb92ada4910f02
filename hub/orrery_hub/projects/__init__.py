"""Projects: who belongs together, in which role."""
