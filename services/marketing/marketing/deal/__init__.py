"""Deals: what a customer may buy, stage by stage, until it is won or lost."""
