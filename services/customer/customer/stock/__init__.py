"""Stock: how many pieces of a product lie where, as the sales system tells us."""
