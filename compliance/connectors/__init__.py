"""What can be asked of a vendor. No database, no queue: a key and identifiers in, typed answers out."""
