"""Sales: opportunities by status, by salesperson and by product, how many and what the won ones are worth."""
