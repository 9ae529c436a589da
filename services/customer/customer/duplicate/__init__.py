"""A duplicate: a customer who is in the house already, under another spelling."""
