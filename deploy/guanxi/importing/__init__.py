"""Tables from elsewhere, brought in through the public API: read, checked, reported, and only then sent."""
