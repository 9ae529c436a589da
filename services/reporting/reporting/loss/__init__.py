"""Loss: customers we lost, when and why, and how the warnings before it ended."""
