"""Warnings: what waits for somebody, as of now or of any moment, and the records that it is about."""
