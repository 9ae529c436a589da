"""Sales performance: who won how many deals, for how much, and whether it becomes more."""
