"""The dictionary: the values that forms offer, by kind."""
