"""The audit log: who did what in any service, when, and what it was before and after."""
