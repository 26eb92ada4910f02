"""Projects: members, roles, storage locations."""
