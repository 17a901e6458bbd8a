"""Desk pages for administration, the journal, imports of tables and work that was given up."""
