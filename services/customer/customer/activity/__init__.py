"""An activity: a talk with a customer, where it was and what came of it."""
