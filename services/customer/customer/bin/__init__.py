"""The recycle bin: customers and contacts that were deleted, until they are restored or purged."""
