"""The pool: customers whom nobody looks after, free for account managers to claim."""
