"""A notification: what somebody was told, and whether he or she has read it."""
