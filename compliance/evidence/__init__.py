"""What legal takes away: so far, the history of a request."""
