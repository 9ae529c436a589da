"""Sessions: who is signed in, and the short-lived signed token that tells the other services."""
