"""Filters that know no domain."""
