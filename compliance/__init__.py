"""Erasure Desk: deletion requests in Pendo, from the letter to the proof."""
