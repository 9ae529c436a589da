"""Tasks: something to do until a day, perhaps about a record; and the calendar of what is planned."""
