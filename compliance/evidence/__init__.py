"""What legal takes away: histories of requests, and the ledger of a period."""
