"""Customer growth: who is new, buys, buys again, stays and leaves, month by month."""
