"""Hand-overs: all that somebody who leaves has in charge is counted, looked at, and goes to others."""
