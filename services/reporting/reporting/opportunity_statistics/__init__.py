"""Opportunity statistics: how many were created, assigned, won and failed, by whom and when."""
