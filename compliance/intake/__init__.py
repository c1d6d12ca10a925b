"""The ways in: so far, the form that a colleague fills in."""
