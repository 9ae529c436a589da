"""Campaigns: what we do so that people may buy, what it costs, and what comes of it."""
