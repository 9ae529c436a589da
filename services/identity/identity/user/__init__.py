"""A user: somebody who works here, with one role, perhaps a superior, and perhaps a password."""
