"""Rule packs, one file a law, and the counting of their clocks. No tables, nothing of Django."""
