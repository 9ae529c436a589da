"""A product: what can be bought, as the sales system tells us."""
