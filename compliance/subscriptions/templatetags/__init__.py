"""Tags that templates of other rooms include."""
