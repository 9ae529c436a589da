"""A merge: two files of one customer become one."""
