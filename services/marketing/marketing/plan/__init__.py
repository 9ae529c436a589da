"""A plan: what is to be done, item by item, to win an opportunity, and what came of it."""
