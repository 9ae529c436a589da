"""Revenue: what was ordered by the customers of each person, unit or region, month by month."""
