"""A loss: the warning that a customer no longer buys, what is done about it, and how it ended."""
