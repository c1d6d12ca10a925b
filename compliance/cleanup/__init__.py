"""Clean-up rules: what QA has cleared by itself, within a guard and on a standing approval."""
