"""Numbering: what the numbers of customers, orders and other records look like."""
