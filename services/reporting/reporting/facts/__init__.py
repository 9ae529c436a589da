"""Facts: who the customers and the people are that reports speak of; joined when a report is read."""
