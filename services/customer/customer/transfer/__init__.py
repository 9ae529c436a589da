"""A transfer: customers get another account manager, one, many, or all of somebody's."""
