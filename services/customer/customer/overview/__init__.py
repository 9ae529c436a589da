"""The overview: all that there is about one customer, in one answer."""
