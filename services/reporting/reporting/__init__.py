"""Reporting hears everything and says nothing: a *report* is a *fold* of events into *rows* and a *tally* of them."""
