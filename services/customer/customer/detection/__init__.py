"""Detection: the daily look for customers who have stopped buying."""
