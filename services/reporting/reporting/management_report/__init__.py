"""Management reports: what the whole firm did in a month, written down when it is over, and submitted."""
