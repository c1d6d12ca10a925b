"""Pendo subscriptions: their keys, how they are recognised, and the pace of what is sent to them."""
