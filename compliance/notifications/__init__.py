"""Mail: reads the ledger, and one table says which entry sends what. Nobody calls this room."""
