"""Forecast: what the open deals are likely to bring, what people say, and what was asked of them."""
