"""A unit: company, region, branch or department; people belong to one, and somebody heads it."""
