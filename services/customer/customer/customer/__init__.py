"""A customer: a company that buys, or may buy, looked after by one account manager."""
