"""How the domain reaches out: to the disk, to git, to the hub. Knows no capability and speaks no Jupyter."""
