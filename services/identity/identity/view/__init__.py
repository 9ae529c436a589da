"""A saved view: how somebody wants to see a list, kept under a name."""
