"""Who works here: people, their roles, and who may do what."""
