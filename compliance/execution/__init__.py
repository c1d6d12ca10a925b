"""Carrying out what was approved: batches, calls, receipts, asking after lost answers, confirmation."""
