"""Payments: what customers paid for their orders, and what is still open."""
