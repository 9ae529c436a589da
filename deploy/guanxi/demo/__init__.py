"""A company to look at: two years of its life, told through the commands of the services."""
