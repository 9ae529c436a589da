"""Leads: somebody who may become a customer, until it is clear whether."""
