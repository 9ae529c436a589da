"""Request load: what customers ask of us, by kind and year, how content they are, and how long they wait."""
