"""Service performance: how much each person handled, how fast, how often in time, and how content customers are."""
