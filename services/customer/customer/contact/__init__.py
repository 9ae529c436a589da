"""A contact: somebody at a customer whom we can call."""
