"""The ledger: append-only entries of a closed vocabulary, and the register of what is recorded where."""
