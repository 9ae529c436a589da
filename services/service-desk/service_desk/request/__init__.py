"""A request: what a customer asks, who works on it, what was done, and whether the customer is content."""
