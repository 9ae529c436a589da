"""Composition: how many customers we have of each level, credit, satisfaction or region, and their share."""
