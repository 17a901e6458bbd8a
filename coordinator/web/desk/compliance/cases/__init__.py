"""Pages of cases and decisions: the list with its totals, entry, one case, its decisions and evidence, import."""
