"""Return visits: asking a customer afterwards whether all is well."""
