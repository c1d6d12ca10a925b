"""A Pendo to try things on: an invented world behind the real API's paths, answers and failures.

It serves demo, training, tests and trials. It speaks HTTP from its own process and memory, and nothing
but `management/` imports Django's settings.
"""
