"""The screens that show everything together. No tables."""
