"""Invented people and a subscription on the sandbox, to try everything with."""
