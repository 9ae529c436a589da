"""Forecast: what open deals promise for each month, beside what was won, stated and aimed at."""
