"""Customer: who buys from us, who we talk to there, what they ordered, and who is about to leave."""
