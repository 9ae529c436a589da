"""The work list: whatever the desk still has to do, of every kind, the most urgent first."""
