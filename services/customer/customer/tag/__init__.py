"""A tag: a word of the dictionary that customers are grouped by; a customer may have several."""
