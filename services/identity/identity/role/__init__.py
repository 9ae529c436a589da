"""A role: a set of rights and the records it may see; every user has exactly one."""
