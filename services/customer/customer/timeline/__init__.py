"""The timeline of a customer: everything that happened with it, in pages."""
