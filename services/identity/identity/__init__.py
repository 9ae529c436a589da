"""Identity: *users* with one *role* each, a role's *rights*, their *sessions*, and the *dictionary* of values."""
