"""An erasure: somebody's wish to be forgotten, and how far all services are with it."""
