"""The dashboard: the figures of this month and the warnings that concern whoever asks, in one answer."""
