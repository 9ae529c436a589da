"""How Guanxi is run. Nothing here knows what an opportunity is."""
