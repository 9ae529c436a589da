"""Lead statistics: how many leads came from where, and what became of them."""
