"""Promises: how soon the desk answers and settles what is asked of it, by kind, in working time."""
