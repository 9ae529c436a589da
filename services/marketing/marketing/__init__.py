"""Marketing: an *opportunity* is a hint that somebody may buy; a *plan* is what we do to make it come true."""
