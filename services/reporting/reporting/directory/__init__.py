"""The directory of reports: which there are, what they show, and whether whoever asks may read them."""
