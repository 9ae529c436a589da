"""The gateway: one door for every client. It knows sessions and addresses, and no business word."""
