"""Complaints: the strict way from entry over assignment, handling and return visit to the end."""
