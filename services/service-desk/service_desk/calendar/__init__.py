"""The working calendar: when the desk works, so that a promise is counted in hours in which somebody could keep it."""
